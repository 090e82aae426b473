using EdgeFace.Evaluation.Data;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Training.Tests;

/// <summary>Folders, lists and .bin files of one content give one result, and what is no set is refused in a sentence.</summary>
public sealed class ValidationSetsTests : IDisposable
{
    const string Rows = """
        person-0/0.png,person-0/1.png 1
        person-0/0.png,person-1/0.png 0
        person-2/0.png,person-2/1.png 1
        person-2/0.png,person-3/0.png 0
        """;

    readonly CropFolder _crops = new(people: 4);
    readonly List<string> _said = [];

    public void Dispose() => _crops.Dispose();

    static IEnumerable<(string A, string B, bool Same)> Pairs
        => Rows.Split('\n').Select(r => r.Split(',', ' ')).Select(c => (c[0], c[1], c[2] == "1"));

    string Csv(string name, string? rows = null)
    {
        var path = Path.Combine(_crops.Data, name);
        rows ??= string.Join('\n', Pairs.Select((p, i) => $"{1 + i / 2},{(p.Same ? 1 : 0)},{p.A},{p.B}"));
        File.WriteAllText(path, $"fold,same,a,b\n{rows}\n");
        return path;
    }

    string Bin(string name, params byte[][] pictures)
    {
        if (pictures is []) pictures = [.. Pairs.SelectMany(p => new[] { p.A, p.B }).Select(n => File.ReadAllBytes(Path.Combine(_crops.Data, n)))];
        var pickle = new Pickle().Raw("](");
        foreach (var picture in pictures) pickle.Raw("B" + Pickle.Int32(picture.Length) + System.Text.Encoding.Latin1.GetString(picture));
        pickle.Raw("e](");
        for (var i = 0; i < pictures.Length / 2; i++) pickle.Raw(i % 2 == 0 ? "\x88" : "\x89");
        File.WriteAllBytes(_crops.File(name), pickle.Raw("e\x86").End());
        return _crops.File(name);
    }

    ValidationSets Open(params string[] sets) => new(sets, null, _said.Add);

    IReadOnlyList<double?> Measure(params string[] sets)
    {
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _crops.File("model.safetensors"));
        using var model = ModelFile.Open(_crops.File("model.safetensors"));
        return Open(sets).Measure(model, threads: 1).Values;
    }

    [Fact]
    public void One_set_has_the_plain_columns_and_several_have_their_names()
    {
        Csv("pairs.csv");
        var list = Csv("other.csv");
        Assert.Equal(["agreement", "agreementP10", "accuracy", "fnmrAtFmr1e-4"], Open().Columns);
        Assert.Equal(Open().Columns, Open(_crops.Data).Columns);
        string[] sets = [_crops.Data + "/", list, "mine=" + Bin("lfw 1.bin"), Bin("lfw 1.bin")];
        Assert.Equal(["data", "other", "mine", "lfw-1"], Open(sets).Columns.Chunk(4).Select(c => c[0].Split('.')[0]));
        Assert.Equal("mine.fnmrAtFmr1e-4", Open(sets).Columns[11]);
    }

    [Fact]
    public void A_folder_a_list_and_a_bin_file_of_the_same_pairs_give_the_same_accuracy()
    {
        Csv("pairs.csv");
        var values = Measure(_crops.Data, Csv("list.csv"), Bin("same.bin"));
        Assert.Equal(12, values.Count);
        Assert.All(values.Chunk(4), v => Assert.InRange(v[2]!.Value, 0, 1));
        Assert.Equal(values[2], values[6]);
        // Who is who, a .bin file does not say, and without a teacher there is nothing to agree with.
        Assert.Null(values[11]);
        Assert.All(values.Chunk(4), v => Assert.Null(v[0]));
    }

    [Fact]
    public void Agreement_with_the_network_itself_is_1_on_every_kind()
    {
        Csv("pairs.csv");
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _crops.File("model.safetensors"));
        using var model = ModelFile.Open(_crops.File("model.safetensors"));
        using var teacher = new FaceEmbedder(model);
        var (first, lines, values) = new ValidationSets([_crops.Data, Bin("a.bin")], teacher, _said.Add).Measure(model, threads: 1);
        Assert.Equal(new double?[] { first.Agreement, first.AgreementP10, first.Accuracy, first.Fnmr }, values.Take(4));
        Assert.All(new[] { 0, 1, 4, 5 }, i => Assert.Equal(1, values[i]!.Value, 1e-5));
        Assert.StartsWith("data: agreement 1.0000", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("a: agreement 1.0000", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_without_a_crop_are_told_of()
    {
        Csv("pairs.csv", "1,1,person-0/0.png,person-0/1.png\n2,0,person-0/0.png,person-1/0.png\n2,0,person-0/0.png,person-7/0.png");
        _ = Open(_crops.Data);
        Assert.Contains("1 of 3 pairs lack a crop", Assert.Single(_said), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "nowhere", "a folder of crops with pairs.csv, a list of pairs, or an InsightFace .bin file, found nothing there" },
        { "a=nowhere", "found nothing there" },
        { "without a list", "pairs.csv" },
        { "two of a name", "two sets are called 'data'" },
        { "a name that is none", "'a,b' names no columns" },
        { "an empty name", "'' names no columns" },
        { "one fold", "pairs of two folds or more" },
        { "a .bin file of something else", "else.bin: " },
        { "a picture that is no crop", "1: expected a crop of 112 x 112, found 2 x 1" },
        { "a picture that is none", "bad.bin: 1" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void What_is_no_set_is_refused_in_a_sentence(string what, string says)
    {
        var crop = File.ReadAllBytes(Path.Combine(_crops.Data, "person-0", "0.png"));
        ImageCodec.SavePng(new RgbImage(2, 1, [1, 2, 3, 4, 5, 6]), _crops.File("small.png"));
        if (what != "without a list") Csv("pairs.csv");
        string[] sets = what switch
        {
            "nowhere" => [_crops.File("nowhere")],
            "a=nowhere" => ["a=" + _crops.File("nowhere")],
            "two of a name" => [_crops.Data, _crops.Data],
            "a name that is none" => ["a,b=" + _crops.Data],
            "an empty name" => ["=" + _crops.Data],
            "one fold" => [Csv("one.csv", "1,1,person-0/0.png,person-0/1.png\n1,0,person-0/0.png,person-1/0.png")],
            "a .bin file of something else" => [Written("else.bin", [1, 2, 3])],
            "a picture that is no crop" => [Bin("bad.bin", crop, File.ReadAllBytes(_crops.File("small.png")), crop, crop)],
            "a picture that is none" => [Bin("bad.bin", crop, [1, 2, 3], crop, crop)],
            _ => [_crops.Data],
        };
        var refused = Assert.ThrowsAny<EdgeFaceException>(() => Open(sets));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        var asked = what is "nowhere" or "a=nowhere" or "without a list" or "two of a name" or "a name that is none" or "an empty name";
        Assert.Equal(asked ? ErrorKind.Request : ErrorKind.Input, refused.Kind);
    }

    string Written(string name, byte[] content)
    {
        File.WriteAllBytes(_crops.File(name), content);
        return _crops.File(name);
    }
}
