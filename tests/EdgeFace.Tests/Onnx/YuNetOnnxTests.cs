using System.Text;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Onnx;

/// <summary>The closed-list reader of YuNet's ONNX file.</summary>
public sealed class YuNetOnnxTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly byte[] _file = File.ReadAllBytes(TestData.Shared("onnx/yunet_2026may.onnx"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_file_opens_with_its_card_and_survives_every_format()
    {
        using var model = ModelFile.Open(TestData.Shared("onnx/yunet_2026may.onnx"));
        Assert.Equal(("yunet", "2026may", "detector", false), (model.Card.Name, model.Card.Version, model.Card.Kind, model.Card.NonCommercial));
        Assert.Contains("MIT", model.Card.Licence);
        Assert.Equal(106, model.Parameters.Count);
        Assert.Equal(53104, model.ParameterCount);
        model.Verify();
        foreach (var name in (string[])["yunet.efw", "yunet.safetensors"])
        {
            model.Save(_folder[name]);
            using var copy = ModelFile.Open(_folder[name]);
            Assert.Equal((model.WeightsSha256, model.Card.ToJson()), (copy.WeightsSha256, copy.Card.ToJson()));
        }
        // Its weights are another's as soon as one bit of them is, and so is its version.
        var other = (byte[])_file.Clone();
        other[^50000] ^= 1;
        using var changed = ModelFile.Open(_folder.Write("changed.onnx", other));
        Assert.NotEqual(model.WeightsSha256, changed.WeightsSha256);
        Assert.Equal("unknown", changed.Card.Version);
    }

    [Theory]
    [InlineData("\"\u0007MaxPool", "\"\u0007AvgPool")]
    [InlineData("\"\u0004Relu", "\"\u0004Tanh")]
    [InlineData("kernel_shape", "kernel_shapf")]
    [InlineData("asymmetric", "asymmetriC")]
    [InlineData("cls_32", "cls_33")]
    [InlineData("backbone.model3.conv1.conv1.weight", "backbone.model3.conv1.conv1.weighs")]
    public void Another_graph_is_refused_with_what_was_expected(string text, string instead)
    {
        Assert.Equal(text.Length, instead.Length);
        // The first place is that of a node, before constants and values are listed.
        var at = _file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.InRange(at, 0, _file.Length);
        var changed = (byte[])_file.Clone();
        Encoding.UTF8.GetBytes(instead).CopyTo(changed, at);
        Refusal.Of(_folder.Write("changed.onnx", changed));
    }

    [Fact]
    public void An_ONNX_file_of_another_network_is_refused_with_what_can_be_read()
    {
        using var recogniser = DefaultModels.OpenRecogniser();
        recogniser.Save(_folder["recogniser.onnx"], WeightPrecision.Int8);
        Assert.Contains("YuNet, the only ONNX file that is read", Refusal.Of(_folder["recogniser.onnx"]).Message);
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused_wherever_it_ends()
    {
        for (var length = 0; length < _file.Length; length += length < 3000 ? 37 : 4999) Refusal.Of(_folder.Write("cut.onnx", _file[..length]));
        Refusal.Of(_folder.Write("cut.onnx", _file[..^1]));
    }

    [Fact]
    public void Damage_anywhere_is_refused_or_harmless()
    {
        var random = new Random(1);
        var opened = 0;
        for (var i = 0; i < 400; i++)
        {
            var damaged = (byte[])_file.Clone();
            // Half of them where the graph is stated, not its weights.
            for (var n = random.Next(1, 4); n > 0; n--) damaged[random.Next(i % 2 == 0 ? 25000 : damaged.Length)] ^= (byte)(1 << random.Next(8));
            if (Refusal.SurvivesAny(_folder.Write("damaged.onnx", damaged))) opened++;
        }
        Assert.InRange(opened, 1, 399);
    }

    [Fact]
    public void Lengths_and_counts_that_would_take_memory_are_refused()
    {
        // A message that claims four gigabytes, dimensions that multiply beyond all bounds, a number without an end.
        Refusal.Of((byte[])[8, 6, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 2, 3]);
        Refusal.Of((byte[])[8, 6, 0x3A, 24, 0x2A, 22, .. Enumerable.Repeat((byte[])[8, 0xFF, 0xFF, 0x7F], 5).SelectMany(b => b), 16, 1]);
        Refusal.Of((byte[])[8, 6, 0x3A, .. Enumerable.Repeat((byte)0xFF, 30)]);
        // Empty nodes without end, in a file of the greatest length and in a longer one.
        Refusal.Of((byte[])[8, 6, 0x3A, 0x80, 0x80, 0x3C, .. Enumerable.Repeat((byte[])[10, 0], 491520).SelectMany(b => b)]);
        Refusal.Of((byte[])[8, 6, 18, 1, 65, 18, 1, 65, .. new byte[2 << 20]]);
    }
}
