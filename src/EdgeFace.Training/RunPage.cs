using System.Globalization;
using System.Net;
using System.Text;
using EdgeFace.Files;

namespace EdgeFace.Training;

// Its own curves: the plots of evaluation reports are of rates and scores over fixed axes; a table's columns have any values.
/// <summary>The tables of a run as one HTML page with curves: no scripts, nothing from elsewhere.</summary>
static class RunPage
{
    const int Width = 720, Height = 220, Left = 64, Right = 16, Top = 12, Bottom = 34, Lines = 4, MostPoints = 1500;

    /// <summary>Writes the page of the tables that are there; it appears whole or not at all.</summary>
    public static void Write(string path, string title, string about, params IReadOnlyList<(string Name, string Table)> tables)
    {
        var html = new StringBuilder($$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Safe(title)}}</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 48rem; padding: 0 1rem; color: #222; background: #fff }
            h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem } figure { margin: 1rem 0 } figcaption { font-weight: 600 }
            svg { width: 100%; height: auto } svg text { font-size: 11px; fill: #555 } .grid { stroke: #ddd }
            .curve { fill: none; stroke: #1b5fa8; stroke-width: 1.6 } .dot { fill: #1b5fa8 } p { overflow-wrap: anywhere }
            @media (prefers-color-scheme: dark) {
              body { color: #ddd; background: #16181b } svg text { fill: #aaa }
              .grid { stroke: #333 } .curve { stroke: #7db6f2 } .dot { fill: #7db6f2 }
            }
            </style>
            <h1>{{Safe(title)}}</h1>
            <p>{{Safe(about)}}</p>

            """);
        foreach (var (name, table) in tables.Where(t => File.Exists(t.Table))) Add(html, name, File.ReadAllLines(table));
        html.Append("</html>\n");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(html.ToString())));
    }

    static void Add(StringBuilder html, string name, string[] lines)
    {
        string[] columns = lines is [var header, ..] ? header.Split(',') : [];
        double?[][] rows = [.. lines.Skip(1).Select(l => l.Split(',').Select(Number).ToArray()).Where(r => r.Length == columns.Length)];
        var curves = columns
            .Select((column, i) => (column, Points: Points(rows, i)))
            .Where(c => c.column is not ("views" or "steps" or "seconds") && c.Points.Length > 0).ToArray();
        if (curves.Length == 0) return;
        html.Append(CultureInfo.InvariantCulture, $"<h2>{Safe(name)}</h2>\n");
        foreach (var (column, points) in curves) Draw(html, column, points);
    }

    static (double X, double Y)[] Points(double?[][] rows, int column)
        => [.. rows.Where(r => r[0] is not null && r[column] is not null).Select(r => (r[0]!.Value, r[column]!.Value))];

    static void Draw(StringBuilder html, string name, (double X, double Y)[] points)
    {
        // Long runs are thinned evenly; the last point stays.
        var shown = points.Length <= MostPoints
            ? points
            : [.. Enumerable.Range(0, MostPoints).Select(i => points[(int)((long)i * (points.Length - 1) / (MostPoints - 1))])];
        var (low, high) = (points.Min(p => p.Y), points.Max(p => p.Y));
        if (high == low) (low, high) = (low - Math.Max(1e-6, Math.Abs(low) / 10), high + Math.Max(1e-6, Math.Abs(high) / 10));
        var step = RoundStep((high - low) / Lines);
        (low, high) = (Math.Floor(low / step) * step, Math.Ceiling(high / step) * step);
        var (first, last) = (points[0].X, points[^1].X);
        if (first == last) first = 0;
        string X(double value) => Place(Left + (value - first) / Math.Max(1e-9, last - first) * (Width - Left - Right));
        string Y(double value) => Place(Top + (high - value) / (high - low) * (Height - Top - Bottom));
        void Line(FormattableString line) => html.Append(FormattableString.Invariant(line)).Append('\n');

        Line($"<figure><figcaption>{Safe(name)}: {Text(points[^1].Y)} at the end</figcaption>");
        Line($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Safe(name)} over views\">");
        for (var i = 0; low + i * step <= high + step / 2; i++)
        {
            var value = low + i * step;
            Line($"<path class=\"grid\" d=\"M{Left} {Y(value)}H{Width - Right}\"/>");
            Line($"<text x=\"{Left - 6}\" y=\"{Y(value)}\" dy=\"4\" text-anchor=\"end\">{Text(value)}</text>");
        }
        var along = RoundStep((last - first) / Lines);
        for (var value = Math.Ceiling(first / along) * along; value <= last; value += along)
            Line($"<text x=\"{X(value)}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{value:#,0.###}</text>");
        Line($"<text x=\"{Width - Right}\" y=\"{Height - 4}\" text-anchor=\"end\">views</text>");
        Line($"<path class=\"curve\" d=\"M{string.Join('L', shown.Select(p => $"{X(p.X)} {Y(p.Y)}"))}\"/>");
        Line($"<circle class=\"dot\" cx=\"{X(points[^1].X)}\" cy=\"{Y(points[^1].Y)}\" r=\"3\"/>");
        Line($"</svg></figure>");
    }

    static string Place(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>1, 2 or 5 times a power of ten, at least the value.</summary>
    static double RoundStep(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-12))));
        return power * (value <= power ? 1 : value <= 2 * power ? 2 : value <= 5 * power ? 5 : 10);
    }

    static double? Number(string cell)
        => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    // Sums of steps end in digits of rounding.
    static string Text(double value) => (Math.Abs(value) < 1e-9 ? 0 : value).ToString("G5", CultureInfo.InvariantCulture);

    static string Safe(string text) => WebUtility.HtmlEncode(text);
}
