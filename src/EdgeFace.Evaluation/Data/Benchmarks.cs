using System.Security.Cryptography;
using System.Text;

namespace EdgeFace.Evaluation.Data;

/// <summary>Recognises benchmarks by what was read, whole as they were published: a part of one is none.</summary>
static class Benchmarks
{
    const int LfwPairs = 300, CfpPairs = 350;

    // SHA-256 over the pairs of LFW's first fold, a line "1 name/name_0001 name/name_0004" each, 1 or 0 in front.
    const string LfwFirstFold = "69275d306fba84880c38a96077b3b3d9acee2c54940c30bc211b62dcac48228d";

    public static string Name(Benchmark benchmark) => benchmark switch
    {
        Benchmark.Lfw => "LFW",
        Benchmark.CfpFp => "CFP-FP",
        Benchmark.AgeDb30 => "AgeDB-30",
        Benchmark.IjbB => "IJB-B",
        _ => "IJB-C",
    };

    /// <summary>Of InsightFace's files, which have no names inside: by the file's name and the number of pairs of each kind.</summary>
    public static Benchmark? OfBin(string path, IReadOnlyList<DataPair> pairs)
        => (Path.GetFileName(path), pairs.Count, pairs.Count(p => p.Same)) switch
    {
        ("lfw.bin", 20 * LfwPairs, 10 * LfwPairs) => Benchmark.Lfw,
        ("cfp_fp.bin", 20 * CfpPairs, 10 * CfpPairs) => Benchmark.CfpFp,
        ("agedb_30.bin", 20 * LfwPairs, 10 * LfwPairs) => Benchmark.AgeDb30,
        _ => null,
    };

    /// <summary>Of a list of pairs: LFW's by its first fold's names, CFP's by its layout.</summary>
    public static Benchmark? OfList(bool isCfpFrontalProfile, IReadOnlyList<DataImage> images, IReadOnlyList<DataPair> pairs)
        => isCfpFrontalProfile ? HasFoldsOf(CfpPairs, pairs) ? Benchmark.CfpFp : null
            : HasFoldsOf(LfwPairs, pairs) && FirstFold(images, pairs) == LfwFirstFold ? Benchmark.Lfw : null;

    /// <summary>Ten folds with so many pairs of each kind.</summary>
    static bool HasFoldsOf(int pairsOfAKind, IReadOnlyList<DataPair> pairs)
        => pairs.Count == 20 * pairsOfAKind
            && pairs.CountBy(p => (p.Fold, p.Same)).All(c => c.Key.Fold is >= 1 and <= 10 && c.Value == pairsOfAKind);

    static string FirstFold(IReadOnlyList<DataImage> images, IReadOnlyList<DataPair> pairs)
    {
        var lines = pairs.Where(p => p.Fold == 1).Select(p => $"{(p.Same ? 1 : 0)} {Stem(images[p.A])} {Stem(images[p.B])}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    static string Stem(DataImage image) => Path.ChangeExtension(image.Name, null);
}
