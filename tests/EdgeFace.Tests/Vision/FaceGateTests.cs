using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

public sealed class FaceGateTests : IDisposable
{
    static readonly string[] Portraits =
        [.. Directory.GetFiles(Path.GetDirectoryName(TestData.Sample("adam-1.jpg"))!, "*-?.jpg").Order(StringComparer.Ordinal)];

    readonly ModelFile _model = DefaultModels.OpenRecogniser();
    readonly FaceEmbedder _embedder;
    readonly FaceGate _gate;

    public FaceGateTests() => (_embedder, _gate) = (new(_model), new(_model.Card));

    public void Dispose()
    {
        _embedder.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Every_face_of_the_samples_is_recognisable()
    {
        Assert.True(_gate.IsFitted);
        using var detector = new FaceDetector(DefaultModels.OpenDetector(), DefaultModels.OpenRefiner());
        var analyzer = new FaceAnalyzer(detector, _embedder);
        foreach (var file in Portraits.Append(TestData.Sample("group.jpg")))
            foreach (var face in analyzer.Analyze(ImageCodec.Load(file)))
            {
                Assert.True(face.Gate.IsRecognisable, $"{file}: {face.Gate.Score}: {string.Join(", ", face.Gate.Reasons)}");
                Assert.InRange(face.Gate.Score, _model.Card.Gate!.Limit, 1);
                Assert.Empty(face.Gate.Reasons);
                Assert.Equal(0, face.Quality.Outside);
            }
    }

    // What covers a face here is as flat as a drawing.
    public static TheoryData<string, string> Ways => new()
    {
        { "blurred", "too blurred" }, { "coarse", "too blurred" }, { "upside down", "upside down" }, { "turned by 90", "turned by 90 degrees" },
        { "turned by 270", "turned by 90 degrees" }, { "covered", "eyes or mouth covered|nothing of a person in it" }, { "dark", "too dark" },
        { "pale", "too little contrast" }, { "noisy", "too noisy" }, { "cut off", "cut off at the bottom" },
    };

    [Theory, MemberData(nameof(Ways))]
    public void A_spoilt_crop_is_refused_with_its_reason(string way, string reason)
    {
        var told = Portraits.Select(file => Judge(Spoil(SampleCrop.Of(file), way))).ToArray();
        Assert.All(told, j => Assert.False(j.IsRecognisable, $"{way}: {j.Score}"));
        Assert.All(told, j => Assert.InRange(j.Score, 0, _model.Card.Gate!.Limit));
        Assert.All(told, j => Assert.NotEmpty(j.Reasons));
        var right = told.Count(j => j.Reasons.Any(
            r => reason.Split('|').Any(one => r.Contains(one, StringComparison.Ordinal))));
        Assert.True(right >= 0.75 * told.Length,
            $"{way}: {right} of {told.Length}; {string.Join("; ", told.Select(j => string.Join(", ", j.Reasons)).Distinct())}");
    }

    [Fact]
    public void A_face_cut_off_by_the_picture_says_where()
    {
        var crop = SampleCrop.Of(Portraits[0]).Pixels.ToArray();
        crop.AsSpan(3 * 112 * 55).Clear();
        var judged = Judge(new(112, 112, crop));
        Assert.False(judged.IsRecognisable);
        Assert.Contains("cut off at the bottom", judged.Reasons);
        var face = new Face(new Box(10, -60, 90, 40), FaceAligner.Template, 1);
        judged = _gate.Judge(_embedder.Embed(crop), crop, FaceQuality.Of(face, crop, 100, 100));
        Assert.Equal("cut off at the top", judged.Reasons[0]);
        face = face with { Box = new(10, 10, 22, 24) };
        judged = _gate.Judge(_embedder.Embed(crop), crop, FaceQuality.Of(face, crop, 100, 100));
        Assert.Contains("too small: 12 pixels wide", judged.Reasons);
    }

    [Theory, InlineData("black"), InlineData("white"), InlineData("grey"), InlineData("noise"), InlineData("one pixel"), InlineData("one column")]
    public void What_shows_nothing_is_judged_all_the_same(string what)
    {
        var crop = new byte[FaceEmbedder.CropBytes];
        if (what == "white") crop.AsSpan().Fill(255);
        if (what == "grey") crop.AsSpan().Fill(128);
        if (what == "noise") new Random(1).NextBytes(crop);
        if (what == "one pixel") crop[3 * (56 * 112 + 56)] = 255;
        if (what == "one column")
            for (var y = 0; y < 112; y++) crop[3 * (y * 112 + 111)] = 255;
        var judged = _gate.Judge(_embedder.Embed(crop), crop);
        Assert.InRange(judged.Score, 0, 1);
        Assert.False(judged.IsRecognisable);
        Assert.NotEmpty(judged.Reasons);
        var facts = new double[ModelGate.FactNames.Count];
        CropFacts.Of(crop).CopyTo(facts);
        Assert.All(facts, f => Assert.True(double.IsFinite(f)));
    }

    [Fact]
    public void Both_kinds_of_embedding_are_judged_alike()
    {
        using var mirror = new FaceEmbedder(_model, new() { MirrorSum = true });
        foreach (var file in Portraits)
        {
            var crop = SampleCrop.Of(file);
            Assert.True(_gate.Judge(mirror.Embed(crop.Pixels), crop.Pixels).IsRecognisable, file);
            Assert.False(_gate.Judge(mirror.Embed(Spoil(crop, "upside down").Pixels), Spoil(crop, "upside down").Pixels).IsRecognisable, file);
        }
    }

    [Fact]
    public void A_model_without_a_gate_takes_every_face_and_a_crop_of_another_size_is_refused()
    {
        var none = new FaceGate(_model.Card with { Gate = null });
        var crop = new byte[FaceEmbedder.CropBytes];
        var embedding = _embedder.Embed(crop);
        Assert.Equal((false, true, 1.0), (none.IsFitted, none.Judge(embedding, crop).IsRecognisable, none.Judge(embedding, crop).Score));
        Assert.Throws<ArgumentException>(() => _gate.Judge(embedding, crop.AsSpan(3)));
        Assert.Throws<ArgumentException>(() => none.Judge(embedding, crop.AsSpan(3)));
    }

    [Fact]
    public void Facts_of_a_crop_are_those_of_their_definitions()
    {
        // Squares of 2 x 2 pixels, 0 and 100 in turn: nothing is lost from 1 to 2 pixels, all of it from 2 to 4.
        var squares = new byte[FaceEmbedder.CropBytes];
        for (var i = 0; i < squares.Length; i++) squares[i] = (i / 3 % 112 / 2 + i / 336 / 2) % 2 == 0 ? (byte)10 : (byte)110;
        var facts = CropFacts.Of(squares);
        Assert.Equal(Math.Log(2501), facts.Contrast, 1e-3);
        Assert.Equal(Math.Log(0.2 / 2501), facts.Fine, 1e-2);
        Assert.Equal(Math.Log(2500.2 / 2501), facts.Medium, 1e-3);
        Assert.Equal(Math.Log(0.2 / 2501), facts.Coarse, 1e-2);
        Assert.Equal(60.0 / 255, facts.Light, 1e-3);
        Assert.Equal((0.0, 0.0), (facts.Flat, facts.Clipped));
        Assert.Equal((0.0, 0.0, 0.0, 0.0), facts.Cut);
        // Of a face's box, which reaches from row 18 to the bottom and from column 16 to 96.
        squares.AsSpan(336 * 84).Clear();
        facts = CropFacts.Of(squares);
        Assert.Equal((0.0, 0.0, 0.0, 28.0 / 94), facts.Cut);
        Assert.Equal(Math.Log(2501), facts.Contrast, 1e-3);
        for (var y = 0; y < 112; y++) squares.AsSpan(336 * y, 3 * 40).Clear();
        Assert.Equal((24.0 / 80, 0.0, 0.0, 28.0 / 94), CropFacts.Of(squares).Cut);
        var values = new double[ModelGate.FactNames.Count];
        facts.CopyTo(values);
        Assert.Equal(facts.Contrast * facts.Fine, values[ModelGate.FactNames.ToList().IndexOf("contrast*fine")]);
        Assert.Equal(28.0 / 94 - 0.15, values[ModelGate.FactNames.ToList().IndexOf("cutBottom")], 1e-9);
    }

    [Theory, InlineData(2), InlineData(4), InlineData(8)]
    public void Detail_is_told_in_pixels_of_a_face(int radius)
    {
        // Three means over squares are nearly a Gaussian; of its sigma such a pixel is twice as wide.
        var pixels = 80 / (2 * Math.Sqrt(((2 * radius + 1) * (2 * radius + 1) - 1) / 4.0));
        double[] told = [.. Portraits.Select(file => CropFacts.Of(Spoilt.Blurred(SampleCrop.Of(file), radius).Pixels).Detail).Order()];
        Assert.InRange(told[told.Length / 2], 0.7 * pixels, 1.4 * pixels);
    }

    GateJudgement Judge(RgbImage crop) => _gate.Judge(_embedder.Embed(crop.Pixels), crop.Pixels);

    static RgbImage Spoil(RgbImage crop, string way) => way switch
    {
        "blurred" => Spoilt.Blurred(crop, 9),
        "coarse" => Spoilt.Blurred(Spoilt.Coarse(crop, 14), 3),
        "upside down" => Spoilt.Turned(crop, 2),
        "turned by 90" => Spoilt.Turned(crop, 1),
        "turned by 270" => Spoilt.Turned(crop, 3),
        "covered" => Spoilt.Covered(crop),
        "pale" => new(112, 112, [.. crop.Pixels.ToArray().Select(v => (byte)(100 + v / 50))]),
        "noisy" => Spoilt.Noisy(crop, 140),
        "cut off" => new(112, 112, [.. crop.Pixels[..(336 * 70)], .. new byte[336 * 42]]),
        "dark" => new(112, 112, [.. crop.Pixels.ToArray().Select(v => (byte)(v / 60))]),
        _ => throw new ArgumentOutOfRangeException(nameof(way), way, "no such way"),
    };
}
