using System.Text;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Weights;

public sealed class ModelCardTests
{
    static ModelCard Read(string json) => ModelCard.FromJson(Encoding.UTF8.GetBytes(json), "here");

    [Fact]
    public void What_a_card_leaves_out_has_its_default()
    {
        var card = Read("""{"name":"n","kind":"detector"}""");
        Assert.Equal(("n", "detector", "0"), (card.Name, card.Kind, card.Version));
        Assert.StartsWith("unknown", card.Licence, StringComparison.Ordinal);
        Assert.Empty(card.Measurements);
        Assert.Empty(card.Thresholds);
        Assert.Null(card.ThresholdFor(1e-3));
        Assert.Null(card.NonCommercial);
    }

    [Fact]
    public void A_card_survives_its_JSON()
    {
        var card = new ModelCard
        {
            Name = "ä \"n\"\n", Version = "2", Kind = "recogniser", Architecture = "a", Description = "d", Training = "t", Data = "s",
            Licence = "l", NonCommercial = true, Limits = "w",
            Measurements = [new("LFW", "10 folds", "99 %")],
            Thresholds = [new(1e-2, 0.2, 0.21, 9e-3, 0.1, null), new(1e-3, 0.3, 0.31, null, null, 0.2)],
            ThresholdSource = "p", SourceSha256 = "0a", Sources = [new("s.rec", "o", "l")],
        };
        var read = Read(card.ToJson());
        Assert.Equal(card.Measurements, read.Measurements);
        Assert.Equal(card.Thresholds, read.Thresholds);
        Assert.Equal(card.Sources, read.Sources);
        Assert.Equal(card, read with { Measurements = card.Measurements, Thresholds = card.Thresholds, Sources = card.Sources });
        Assert.Equal(0.31, read.ThresholdFor(1e-3)!.MirrorSum);
        Assert.Null(read.ThresholdFor(1e-4));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"name":"n"}""")]
    [InlineData("""{"name":null,"kind":"k"}""")]
    [InlineData("""{"name":1,"kind":"k"}""")]
    [InlineData("""{"name":"\ud800","kind":"k"}""")]
    [InlineData("""{"name":"n","kind":"k"} {}""")]
    [InlineData("""{"name":"n","kind":"k","licence":null}""")]
    [InlineData("""{"name":"n","kind":"k","measurements":null}""")]
    [InlineData("""{"name":"n","kind":"k","measurements":[null]}""")]
    [InlineData("""{"name":"n","kind":"k","measurements":[{"set":null,"protocol":"p","value":"v"}]}""")]
    [InlineData("""{"name":"n","kind":"k","measurements":[{"set":"s"}]}""")]
    [InlineData("""{"name":"n","kind":"k","thresholds":[null]}""")]
    [InlineData("""{"name":"n","kind":"k","thresholds":[{"fmr":"many"}]}""")]
    [InlineData("""{"name":"n","kind":"k","thresholds":[{"fmr":1e-3}]}""")]
    public void What_is_no_card_is_refused(string json)
    {
        var refusal = Assert.Throws<ModelFormatException>(() => Read(json));
        Assert.Equal(("here", "a model card"), (refusal.File, refusal.Expected));
    }

    [Theory]
    [InlineData("{}", "$ lacks 'name', 'kind'")]
    [InlineData("""{"name":null,"kind":"k"}""", "$.name is null or of another kind")]
    [InlineData("""{"name":1,"kind":"k"}""", "$.name is null or of another kind")]
    [InlineData("""{"name": x}""", "'x' is an invalid start of a value")]
    public void What_is_wrong_with_a_card_is_said_without_the_names_of_types(string json, string says)
    {
        var refusal = Assert.Throws<ModelFormatException>(() => Read(json));
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("EdgeFace.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_and_bytes_that_are_no_UTF_8_are_refused()
    {
        Assert.Throws<ModelFormatException>(() => Read("""{"name":"n","kind":"k","more":""" + new string('[', 30_000)));
        Assert.Throws<ModelFormatException>(() =>
            ModelCard.FromJson([.. """{"kind":"k","name":"""u8, (byte)'"', 0xff, (byte)'"', (byte)'}'], "here"));
    }

    [Theory, InlineData("edgeface-xs-distilled"), InlineData("edgeface-detector"), InlineData("edgeface-refiner")]
    public void Default_models_verify_and_carry_the_card_beside_them(string name)
    {
        using var model = ModelFile.Open(TestData.Model($"{name}.efw"));
        model.Verify();
        Assert.Equal(Read(File.ReadAllText(TestData.Model($"{name}.card.json"))).ToJson(), model.Card.ToJson());
        Assert.True(model.Card.NonCommercial);
    }
}
