using System.Text.Json.Nodes;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Weights;

/// <summary>The gate of a card, written and read, and hostile ones.</summary>
public sealed class ModelGateTests
{
    static ModelCard Card()
    {
        using var model = DefaultModels.OpenRecogniser();
        return model.Card;
    }

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        var card = Card();
        var read = ModelCard.FromJson(System.Text.Encoding.UTF8.GetBytes(card.ToJson()), "card");
        Assert.Equal(card.ToJson(), read.ToJson());
        Assert.Equal(card.Gate!.Facts, read.Gate!.Facts);
        Assert.InRange(card.Gate.Limit, 0.1, 0.9999);
        for (var i = 0; i < card.Gate.Kinds.Count; i++)
        {
            var centre = read.Gate.Centre(i);
            Assert.Equal(512, centre.Length);
            Assert.Equal(1, centre.Sum(v => v * (double)v), 1e-4);
        }
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(card.ToJson()), 1, 65_536);
    }

    public static TheoryData<string, string, string?> Hostile => new()
    {
        { "limit", "gate.limit", "0" }, { "limit", "gate.limit", "1" }, { "limit", "gate.limit", "-1e300" }, { "bias", "finite", "1e999" },
        { "bias", "within 1,000,000", "10000000" },
        { "nearest", "finite", "-1e999" }, { "facts", "gate.facts", "{}" }, { "facts", "gate.facts", """{"contrast": 1}""" },
        { "kinds", "gate.kinds", "[]" }, { "kinds", "gate.kinds", "[null]" }, { "kinds", "gate.kinds", """[""]""" },
        { "kindWeights", "gate.kindWeights", "[]" }, { "kindWeights", "gate.kindWeights", "[1]" }, { "centres", "gate.centres", "\"\"" },
        { "centres", "gate.centres", "\"AAAA\"" }, { "centres", "gate.centres", "\"not base64!\"" }, { "limit", "limit", null },
        { "facts", "facts", "null" }, { "centres", "centres", "7" },
    };

    [Theory, MemberData(nameof(Hostile))]
    public void One_that_is_none_is_refused(string field, string told, string? value)
    {
        var json = JsonNode.Parse(Card().ToJson())!.AsObject();
        var gate = json["gate"]!.AsObject();
        gate.Remove(field);
        var text = json.ToJsonString();
        if (value is not null) text = text.Replace("\"gate\":{", $"\"gate\":{{\"{field}\":{value},", StringComparison.Ordinal);
        var error = Assert.Throws<ModelFormatException>(() => ModelCard.FromJson(System.Text.Encoding.UTF8.GetBytes(text), "card.json"));
        Assert.Contains(told, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Centres_are_finite_and_have_a_direction()
    {
        var gate = Card().Gate!;
        foreach (var value in (Half[])[Half.NaN, Half.PositiveInfinity, Half.Zero])
        {
            var bytes = Convert.FromBase64String(gate.Centres);
            for (var i = 0; i < 512; i++) BitConverter.TryWriteBytes(bytes.AsSpan(2 * i), value);
            var card = Card() with { Gate = gate with { Centres = Convert.ToBase64String(bytes) } };
            var error = Assert.Throws<ModelFormatException>(() =>
                ModelCard.FromJson(System.Text.Encoding.UTF8.GetBytes(card.ToJson()), "card.json"));
            Assert.Contains("gate.centres", error.Message, StringComparison.Ordinal);
        }
        var many = Enumerable.Repeat("blurred", 33).ToArray();
        Assert.Throws<ModelFormatException>(() => ModelCard.FromJson(System.Text.Encoding.UTF8.GetBytes(
            (Card() with { Gate = gate with { Kinds = many } }).ToJson()), "card.json"));
    }
}
