using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

/// <summary>A published figure stands beside the benchmark that it was published for, and beside nothing else.</summary>
public sealed class BenchmarkTests
{
    static DataPair[] Folds(int folds, int ofAKind)
        => [.. Enumerable.Range(1, folds).SelectMany(f => Enumerable.Range(0, 2 * ofAKind).Select(i => new DataPair(f, i < ofAKind, 0, 1)))];

    static readonly DataPair[] Six = Folds(10, 300), Seven = Folds(10, 350);

    [Fact]
    public void Files_of_insightface_are_known_by_name_and_number_of_pairs()
    {
        Assert.Equal(Benchmark.Lfw, Benchmarks.OfBin("/a/lfw.bin", Six));
        Assert.Equal(Benchmark.AgeDb30, Benchmarks.OfBin("agedb_30.bin", Six));
        Assert.Equal(Benchmark.CfpFp, Benchmarks.OfBin("cfp_fp.bin", Seven));
        foreach (var (name, pairs) in ((string, DataPair[])[])[
            ("cfp_fp.bin", Six), ("lfw.bin", Seven), ("lfw.bin", Six[1..]), ("cfp_ff.bin", Seven), ("calfw.bin", Six),
            ("lfw.bin", [.. Six.Select(p => p with { Same = true })])])
            Assert.Null(Benchmarks.OfBin(name, pairs));
    }

    [Fact]
    public void The_protocol_of_cfp_is_one_only_whole()
    {
        Assert.Equal(Benchmark.CfpFp, Benchmarks.OfList(isCfpFrontalProfile: true, [], Seven));
        Assert.Null(Benchmarks.OfList(isCfpFrontalProfile: true, [], Seven[1..]));
        Assert.Null(Benchmarks.OfList(isCfpFrontalProfile: true, [], Folds(5, 700)));
        Assert.Null(Benchmarks.OfList(isCfpFrontalProfile: false, [], Seven));
    }

    [Fact]
    public void A_list_is_lfws_where_its_first_fold_has_lfws_pairs()
    {
        string folder = Path.GetDirectoryName(TestData.Shared("lfw/pairs.csv"))!, half = Path.Combine(folder, "pairs.csv");
        using (var five = PairsList.Read(half)) Assert.Null(five.Benchmark);
        using var temp = new TempFolder();
        // The names of the other folds are not looked at: the first five stand for them.
        var lines = File.ReadAllLines(half);
        string[] ten =
        [
            .. lines,
            .. lines.Skip(1).Select(l => $"{int.Parse(l[..1], System.Globalization.CultureInfo.InvariantCulture) + 5}{l[1..]}"),
        ];
        Assert.Equal(Benchmark.Lfw, Of(ten));
        // Two pairs in another order, one pair less.
        Assert.Null(Of([ten[0], ten[2], ten[1], .. ten[3..]]));
        Assert.Null(Of(ten[..^1]));

        Benchmark? Of(string[] list)
        {
            File.WriteAllLines(temp["list.csv"], list);
            using var set = PairsList.Read(temp["list.csv"], folder);
            return set.Benchmark;
        }
    }

    [Fact]
    public void The_figure_is_that_of_the_benchmark_and_the_network()
    {
        var result = new ModelResult
        {
            Name = "", Contract = new("", "", 1, "", ""), Eer = new(0), AtFmr = [], GenuineHistogram = [], ImpostorHistogram = [],
            Network = "edgeface_s_gamma_05",
        };
        Assert.Null(result.Published);
        Assert.Equal([99.78, 95.74, 96.93, 93.58, 95.63], Enum.GetValues<Benchmark>().Select(b => (result with { Benchmark = b }).Published!.Value));
        Assert.Null((result with { Benchmark = Benchmark.IjbC, Network = "edgeface_base" }).Published);
        Assert.Null((result with { Benchmark = Benchmark.Lfw, Network = null }).Published);
    }
}
