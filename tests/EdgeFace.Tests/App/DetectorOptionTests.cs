using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>A detector of one's own, everywhere one is used.</summary>
public sealed class DetectorOptionTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly string _yunet;

    public DetectorOptionTests()
    {
        _yunet = _folder["yunet.efw"];
        ToolRun.Of("models", "convert", TestData.Shared("onnx/yunet_2026may.onnx"), _yunet).Succeeds();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_converted_YuNet_is_shown_with_its_licence_and_finds_what_its_ONNX_file_finds()
    {
        var text = ToolRun.Of("models", "show", _yunet).Succeeds().Output;
        foreach (var part in (string[])["yunet 2026may", "detector", "MIT", "53,104"]) Assert.Contains(part, text);
        ToolRun.Of("models", "verify", _yunet).Succeeds();
        string group = TestData.Sample("group.jpg"), converted = ToolRun.Of("detect", group, "--detector", _yunet).Succeeds().Output;
        Assert.Contains("8 faces", converted);
        Assert.Equal(converted, ToolRun.Of("detect", group, "--detector", TestData.Shared("onnx/yunet_2026may.onnx")).Succeeds().Output);
        Assert.NotEqual(converted, ToolRun.Of("detect", group).Succeeds().Output);
    }

    [Fact]
    public void The_first_stage_of_a_detector_is_taken_with_the_embedded_refiner()
    {
        string group = TestData.Sample("group.jpg"), embedded = ToolRun.Of("detect", group).Succeeds().Output;
        foreach (var detector in (string[])[TestData.Model("edgeface-detector.efw"), "edgeface-detector"])
            Assert.Equal(embedded, ToolRun.Of("detect", group, "--detector", detector).Succeeds().Output);
    }

    [Fact]
    public void What_is_no_detector_is_refused_in_one_line()
    {
        var group = TestData.Sample("group.jpg");
        ToolRun.Of("detect", group, "--detector", TestData.Model("edgeface-xs-distilled.efw")).Fails(3, "a face detector", "a recogniser");
        ToolRun.Of("detect", group, "--detector", TestData.Model("edgeface-refiner.efw")).Fails(3, "a face detector", "a refiner");
        ToolRun.Of("compare", group, group, "--detector", "nonsense").Fails(2, "nonsense");
        Assert.NotEqual(0, ToolRun.Of("compare", group, group, "--detector", _folder["missing.efw"]).ExitCode);
    }

    [Fact]
    public void A_gallery_made_with_one_detector_is_refused_with_another_until_it_is_embedded_anew()
    {
        var gallery = _folder["people.db"];
        string one = TestData.Sample("adam-1.jpg"), two = TestData.Sample("adam-2.jpg");
        Directory.CreateDirectory(_folder["people/adam"]);
        File.Copy(one, _folder["people/adam/1.jpg"]);
        ToolRun.Of("enroll", _folder["people"], "--gallery", gallery, "--detector", _yunet).Succeeds();
        Assert.Contains("yunet-2026may", ToolRun.Of("gallery", "info", "--gallery", gallery, "--json").Succeeds().Output);
        Assert.Contains("adam", ToolRun.Of("identify", two, "--gallery", gallery, "--detector", _yunet).Succeeds().Output);
        ToolRun.Of("identify", two, "--gallery", gallery).Fails(3, "yunet-2026may", "edgeface-detector");
        ToolRun.Of("enroll", _folder["people"], "--gallery", gallery).Fails(3, "yunet-2026may");
        ToolRun.Of("gallery", "reembed", "--gallery", gallery).Succeeds();
        Assert.Contains("adam", ToolRun.Of("identify", two, "--gallery", gallery).Succeeds().Output);
        ToolRun.Of("identify", two, "--gallery", gallery, "--detector", _yunet).Fails(3, "yunet-2026may");
    }

    [Fact]
    public void Comparing_embedding_and_aligning_use_it()
    {
        string one = TestData.Sample("bella-1.jpg"), two = TestData.Sample("bella-2.jpg");
        Assert.Equal(0, ToolRun.Of("compare", one, two, "--detector", _yunet).Succeeds().ExitCode);
        string[] arguments = ["embed", one, "--format", "json"];
        Assert.NotEqual(ToolRun.Of(arguments).Succeeds().Output, ToolRun.Of([.. arguments, "--detector", _yunet]).Succeeds().Output);
        ToolRun.Of("align", one, "-o", _folder["crops"], "--detector", _yunet).Succeeds();
        Assert.Single(Directory.GetFiles(_folder["crops"]));
    }
}
