namespace EdgeFace.Tests.Support;

static class Flips
{
    /// <summary>Flips one bit of every byte of a good file in turn: it is refused, or holds the same weights as before.</summary>
    public static void NoticedOrHarmless(string path, byte[] file)
    {
        var good = Weights() ?? throw new InvalidOperationException("the file is not good to begin with");
        for (var bit = 0; bit < 8 * file.Length; bit += bit % 8 == 7 ? 1 : 9)
        {
            file[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.True(Weights() is not { } found || found == good, $"bit {bit % 8} of byte {bit / 8} changed the weights unnoticed");
            file[bit / 8] ^= (byte)(1 << bit % 8);
        }

        string? Weights()
        {
            File.WriteAllBytes(path, file);
            using var model = Refusal.Open(path, out _);
            return model is null ? null
                : string.Join('\n', model.Parameters.Select(p => $"{p.Name} {p.ShapeText} {string.Join(' ', model.Read(p.Name))}"));
        }
    }
}
