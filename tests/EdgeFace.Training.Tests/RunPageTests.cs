using System.Xml.Linq;
using EdgeFace.Tests.Support;

namespace EdgeFace.Training.Tests;

/// <summary>The page shows what the tables say, and nothing from elsewhere.</summary>
public sealed class RunPageTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    XElement[] Figures(string table, string title = "a run")
    {
        File.WriteAllText(_folder["t.csv"], table);
        RunPage.Write(_folder["page.html"], title, "about", ("Training", _folder["t.csv"]), ("Validation", _folder["none.csv"]));
        var html = File.ReadAllText(_folder["page.html"]);
        foreach (var foreign in new[] { "<script", "http", "src=", "NaN", "∞" }) Assert.DoesNotContain(foreign, html, StringComparison.Ordinal);
        return
        [
            .. html.Split("<figure>").Skip(1)
                .Select(f => XElement.Parse("<figure>" + f[..(f.IndexOf("</figure>", StringComparison.Ordinal) + 9)])),
        ];
    }

    static (double X, double Y)[] Points(XElement figure) =>
    [
        .. figure.Descendants("path").Single(p => (string?)p.Attribute("class") == "curve").Attribute("d")!.Value[1..]
            .Split('L').Select(p => p.Split(' '))
            .Select(p => (double.Parse(p[0], System.Globalization.CultureInfo.InvariantCulture),
                double.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture))),
    ];

    [Fact]
    public void Every_column_has_a_curve_through_its_values()
    {
        var figures = Figures("views,steps,seconds,loss,right\n10,1,1,4,0\n20,2,2,2,\n30,3,3,0,1\n4");
        Assert.Equal(["loss: 0 at the end", "right: 1 at the end"], figures.Select(f => f.Element("figcaption")!.Value));
        var loss = Points(figures[0]);
        Assert.Equal(3, loss.Length);
        Assert.Equal(loss[0].X + loss[2].X, 2 * loss[1].X, 0.2);
        Assert.Equal(loss[0].Y + loss[2].Y, 2 * loss[1].Y, 0.2);
        Assert.True(loss[0].Y < loss[2].Y, "a larger value stands higher");
        Assert.Equal(2, Points(figures[1]).Length);
    }

    [Theory]
    [InlineData("views,loss\n10,3")]
    [InlineData("views,loss\n10,0\n20,0\n30,0")]
    [InlineData("views,loss\n0,-5e-7\n1,1e9\n2,NaN")]
    public void One_row_equal_values_and_what_is_no_number_are_drawn_within_the_picture(string table)
        => Assert.All(Points(Assert.Single(Figures(table))), p => Assert.True(p is { X: >= 0 and <= 720, Y: >= 0 and <= 220 }, $"{p}"));

    [Fact]
    public void A_table_without_rows_has_no_curve_and_a_long_one_is_thinned()
    {
        Assert.Empty(Figures("views,loss"));
        var points = Points(Assert.Single(Figures("views,loss\n" + string.Join('\n', Enumerable.Range(0, 10_000).Select(i => $"{i},{i}")))));
        Assert.InRange(points.Length, 1000, 2000);
        Assert.Equal(704, points[^1].X, 0.1);
    }

    [Fact]
    public void Names_are_text()
    {
        _ = Figures("views,a<b>\n1,2", title: "<b>&");
        Assert.Contains("<h1>&lt;b&gt;&amp;</h1>", File.ReadAllText(_folder["page.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_table_has_no_curves() => Assert.Empty(Figures(""));
}
