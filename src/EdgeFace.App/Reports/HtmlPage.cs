using System.Globalization;
using System.Net;
using System.Text;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;

namespace EdgeFace.App.Reports;

/// <summary>What the reports' pages are made of.</summary>
static class HtmlPage
{
    const int MostProblems = 20;

    const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #18181b; background: #fff }
        h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid #e4e4e7 } h3 { font-size: 1rem }
        table { border-collapse: collapse; margin: .8rem 0 } .table { overflow-x: auto } thead th { white-space: nowrap } svg text { font-family: sans-serif } .legend { list-style: square; margin: .2rem 0 1rem 2rem; font-size: .85rem } .legend span { color: #18181b } th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #e4e4e7; vertical-align: top }
        code { background: #f4f4f5; padding: .1rem .3rem; overflow-wrap: anywhere } .muted { color: #71717a }
        .plots { display: flex; flex-wrap: wrap; gap: 1rem } .plots svg { max-width: 100%; height: auto; border: 1px solid #e4e4e7 }
        .pairs { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0; font-size: .8rem; width: 15rem; overflow-wrap: anywhere } figure img { width: 7rem; height: 7rem; object-fit: cover }
        """;

    public static StringBuilder Begin(ReportFacts facts) => new StringBuilder()
        .Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
        .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">")
        .Append($"<title>{Text(facts.Title)}</title><style>{Style}</style></head><body>\n<h1>{Text(facts.Title)}</h1>\n")
        .Append($"<p><code>{Text(facts.Command)}</code><br><span class=\"muted\">")
        .Append($"{Text(facts.Software)}, {facts.Created.ToString("u", CultureInfo.InvariantCulture)}</span></p>\n");

    public static string End(StringBuilder page) => page.Append("</body></html>\n").ToString();

    public static void Problems(StringBuilder page, IReadOnlyList<DataProblems> all)
    {
        if (all.Sum(p => p.Total) is var total && total == 0) return;
        page.Append($"<h3>{Count(total)} problems with the data</h3>\n<ul>");
        foreach (var problems in all)
        {
            foreach (var problem in problems.Take(MostProblems)) page.Append($"<li>{Text(problem.ToString())}</li>");
            if (problems.Total > MostProblems) page.Append($"<li>and {Count(problems.Total - MostProblems)} more</li>");
        }
        page.Append("</ul>\n");
    }

    public static void Table(StringBuilder page, string[]? headings, IEnumerable<string[]> rows)
    {
        page.Append("<div class=\"table\"><table>");
        if (headings is not null) page.Append("<thead><tr>").AppendJoin("", headings.Select(h => $"<th>{Text(h)}</th>")).Append("</tr></thead>");
        foreach (var row in rows) page.Append("<tr>").AppendJoin("", row.Select(Cell)).Append("</tr>\n");
        page.Append("</table></div>\n");

        static string Cell(string text, int column) => column == 0 ? $"<th>{Text(text)}</th>" : $"<td>{Text(text)}</td>";
    }

    public static string Text(string text) => WebUtility.HtmlEncode(text);

    public static string Count(long count) => count.ToString("n0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => $"{(100 * share).ToString("f2", CultureInfo.InvariantCulture)} %";

    public static string Share(Estimate e) => Figure(e, Percent);

    public static string Number(Estimate e) => Figure(e, v => v.ToString("f4", CultureInfo.InvariantCulture));

    static string Figure(Estimate e, Func<double, string> text)
        => e.Value is { } v ? text(v) + (e.Interval is { } i ? $" [{text(i.Low)}, {text(i.High)}]" : "") : "unsupported: " + e.Unsupported;
}
