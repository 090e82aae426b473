using System.Text;
using System.Text.Json;
using EdgeFace.Gallery;

namespace EdgeFace.Tests.Gallery;

/// <summary>People and samples at random, with whatever may be hard to hold: some of them are refused by every gallery.</summary>
static class GalleryValues
{
    static readonly string[] Pieces =
    [
        "Ann", " ", "\u00a0", "e\u0308", "\u0301", "\U0001f642", "\"", "\\", "\u2028", "\u202e", "\ufffe", "\ufeff",
        "'", "<", ",", ";", "\u1100\u1161", "%", "\ud800", "\n", "\0", "zz",
    ];

    public static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);

    public static NewPerson Person(Random random, int number) => new(Text(random, 5))
    {
        ExternalKey = random.Next(2) == 0 ? null : $"{number}{Text(random, 3)}",
        Metadata = random.Next(3) == 0 ? null : Metadata(random),
        Created = random.Next(2) == 0 ? null : DateTimeOffset.UnixEpoch.AddMilliseconds(random.NextInt64(-1_000_000_000, 1_700_000_000_000)),
    };

    public static NewSample Sample(Random random, int person, int photo) => new(KnownPeople.Photo(person, photo))
    {
        Source = random.Next(2) == 0 ? null : Text(random, 6),
        SourceSha256 = random.Next(2) == 0 ? null : KnownPeople.Hash(random.Next()),
        Quality = new()
        {
            Yaw = random.Next(3) == 0 ? null : Number(random),
            DetectorScore = random.NextDouble(),
            Sharpness = random.Next(5) == 0 ? double.MaxValue : 5e-324,
        },
        Crop = random.Next(3) == 0 ? KnownPeople.Crop([.. Enumerable.Range(0, random.Next(50)).Select(i => (byte)i)]) : null,
    };

    static double Number(Random random) => random.Next(12) == 0 ? double.NaN : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-10, 300));

    static string Text(Random random, int most)
    {
        var text = new StringBuilder("x");
        // What is refused seldom comes, or nobody would be left.
        for (var i = random.Next(most); i > 0; i--)
            text.Append(Pieces[random.Next(20) == 0 ? random.Next(Pieces.Length) : random.Next(Pieces.Length - 4)]);
        return text.ToString();
    }

    static string Metadata(Random random) => random.Next(12) switch
    {
        0 => Nested(random.Next(1, 70)),
        1 => Nested(NewPerson.MostMetadataDepth),
        2 => """{"a":"\u0000"}""",
        3 => """{"a":1e308,"b":-1e-999,"c":123456789012345678901234567890.5}""",
        4 => """{"a":1e309}""",
        5 => """{"\ud83d\ude42":"\uD83D\uDE42","A":{},"a":[]}""",
        6 => """{"a":"\ud83d"}""",
        7 => "{\"a\":1,\"a\":2}",
        _ => $"{{\"t\" :{JsonSerializer.Serialize(Text(random, 8))},\n\"l\":[null,true,1.50,[\"\\/\"]]}}",
    };
}
