using System.Globalization;
using System.Net;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Results;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace EdgeFace.App.Reports;

/// <summary>The report's plots: SVG, and the legend as HTML, which knows how wide its text is.</summary>
static class Plots
{
    const int Width = 560, Height = 420;

    static readonly OxyColor[] Colours =
    [
        OxyColor.FromRgb(37, 99, 235),
        OxyColor.FromRgb(220, 38, 38),
        OxyColor.FromRgb(22, 163, 74),
        OxyColor.FromRgb(147, 51, 234),
        OxyColor.FromRgb(234, 88, 12),
    ];

    /// <summary>FNMR over FMR, both logarithmic. Rates of zero have no place there: a curve ends before them.</summary>
    public static string Det(IReadOnlyList<ModelResult> models)
        => Curves(models, "DET", "false match rate", "false non-match rate", p => (p.Fmr.Value, p.Fnmr.Value), logarithmicY: true);

    /// <summary>1 - FNMR over FMR.</summary>
    public static string Roc(IReadOnlyList<ModelResult> models)
        => Curves(models, "ROC", "false match rate", "true match rate (1 - FNMR)", p => (p.Fmr.Value, 1 - p.Fnmr.Value), logarithmicY: false);

    static string Curves(IReadOnlyList<ModelResult> models, string title, string x, string y,
        Func<OperatingPoint, (double X, double Y)> at, bool logarithmicY)
    {
        var plot = Plot(title);
        var drawn = models.Select(m => m.Curve.Select(at).Where(p => p.X > 0 && (!logarithmicY || p.Y > 0)).ToArray()).ToArray();
        var least = drawn.SelectMany(c => c).Select(p => p.X).DefaultIfEmpty(1e-4).Min();
        plot.Axes.Add(Grid(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = x, Minimum = least, Maximum = 1 }));
        plot.Axes.Add(Grid(logarithmicY
            ? new LogarithmicAxis
            {
                Position = AxisPosition.Left,
                Title = y,
                Minimum = drawn.SelectMany(c => c).Select(p => p.Y).DefaultIfEmpty(1e-3).Min(),
                Maximum = 1,
            }
            : new LinearAxis { Position = AxisPosition.Left, Title = y, Maximum = 1.002 }));
        for (var m = 0; m < models.Count; m++)
        {
            var series = new LineSeries { Title = models[m].Name, Color = Colours[m % Colours.Length], StrokeThickness = 1.8 };
            series.Points.AddRange(drawn[m].Select(p => new DataPoint(p.X, p.Y)));
            plot.Series.Add(series);
        }
        return Figure(plot);
    }

    /// <summary>Shares of genuine and impostor scores in equal bins over [-1, 1], with the thresholds that the data support.</summary>
    public static string Histogram(ModelResult model)
    {
        var plot = Plot($"scores: {model.Name}");
        plot.Axes.Add(Grid(new LinearAxis { Position = AxisPosition.Bottom, Title = "score (cosine)", Minimum = -0.6, Maximum = 1 }));
        plot.Axes.Add(Grid(new LinearAxis { Position = AxisPosition.Left, Title = "share of pairs in a bin of 1/64", Minimum = 0 }));
        plot.Series.Add(Steps("different people", model.ImpostorHistogram, Colours[1]));
        plot.Series.Add(Steps("same person", model.GenuineHistogram, Colours[2]));
        return Figure(plot);
    }

    /// <summary>FNMR over the share of genuine pairs discarded, up to half of them.</summary>
    /// <param name="curves">A name and a curve for each line.</param>
    public static string Discard(IReadOnlyList<(string Name, ErrorVersusDiscard Curve)> curves)
    {
        var plot = Plot("error versus discard");
        plot.Axes.Add(Grid(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Title = "share of genuine pairs discarded",
            Minimum = 0,
            Maximum = 0.5,
        }));
        plot.Axes.Add(Grid(new LinearAxis { Position = AxisPosition.Left, Title = "false non-match rate", Minimum = 0 }));
        for (var c = 0; c < curves.Count; c++)
        {
            // Between points nothing can be discarded, so the rate stays.
            var series = new StairStepSeries
            {
                Title = curves[c].Name,
                Color = Colours[c % Colours.Length],
                StrokeThickness = 1.8,
                VerticalStrokeThickness = 1.8,
            };
            series.Points.AddRange(curves[c].Curve.Points.Where(p => p.Discarded <= 0.5).Select(p => new DataPoint(p.Discarded, p.Fnmr.Value)));
            plot.Series.Add(series);
        }
        return Figure(plot);
    }

    /// <summary>
    /// Named lines of points in [0, 1] upwards; over a logarithmic axis where it starts at a least value, which smaller ones take.
    /// </summary>
    public static string Lines(
        string title, string x, string y, IReadOnlyList<(string Name, IEnumerable<(double X, double Y)> Points)> lines, double? least)
    {
        var plot = Plot(title);
        plot.Axes.Add(Grid(least is { } from
            ? new LogarithmicAxis { Position = AxisPosition.Bottom, Title = x, Minimum = from }
            : new LinearAxis { Position = AxisPosition.Bottom, Title = x, Minimum = 0, Maximum = 1 }));
        plot.Axes.Add(Grid(new LinearAxis { Position = AxisPosition.Left, Title = y, Minimum = 0, Maximum = 1.002 }));
        for (var l = 0; l < lines.Count; l++)
        {
            var series = new LineSeries { Title = lines[l].Name, Color = Colours[l % Colours.Length], StrokeThickness = 1.8 };
            series.Points.AddRange(lines[l].Points.Select(p => new DataPoint(Math.Max(p.X, least ?? 0), p.Y)));
            plot.Series.Add(series);
        }
        return Figure(plot);
    }

    static AreaSeries Steps(string title, long[] bins, OxyColor colour)
    {
        var total = Math.Max(1, bins.Sum());
        var series = new AreaSeries { Title = title, Color = colour, Fill = OxyColor.FromAColor(60, colour), StrokeThickness = 1.2 };
        for (var i = 0; i < bins.Length; i++)
        {
            double left = -1 + 2.0 * i / bins.Length, right = -1 + 2.0 * (i + 1) / bins.Length, share = (double)bins[i] / total;
            series.Points.Add(new(left, share));
            series.Points.Add(new(right, share));
        }
        return series;
    }

    static PlotModel Plot(string title)
        => new() { Title = title, TitleFontSize = 14, DefaultFontSize = 12, Background = OxyColors.White };

    static Axis Grid(Axis axis)
    {
        axis.AxisTitleDistance = 18;
        axis.MajorGridlineStyle = LineStyle.Solid;
        axis.MajorGridlineColor = OxyColor.FromRgb(226, 232, 240);
        return axis;
    }

    static string Figure(PlotModel plot)
    {
        var svg = SvgExporter.ExportToString(plot, Width, Height, isDocument: false);
        var legend = plot.Series.Cast<LineSeries>().Select(s => string.Create(CultureInfo.InvariantCulture,
            $"<li style=\"color:{Css(s.Color)}\"><span>{WebUtility.HtmlEncode(s.Title)}</span></li>"));
        // Without the XML declaration, to stand inside HTML.
        return $"<div>{svg[svg.IndexOf("<svg", StringComparison.Ordinal)..]}<ul class=\"legend\">{string.Concat(legend)}</ul></div>";
    }

    static string Css(OxyColor colour) => string.Create(CultureInfo.InvariantCulture, $"rgb({colour.R},{colour.G},{colour.B})");
}
