using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using EdgeFace.Files;

namespace EdgeFace.Weights;

/// <summary>
/// The safetensors format: a length, a JSON header of names, types, shapes and offsets, and the data. Int8 tensors have their scales beside
/// them as <c>NAME.scale</c>, and a zero point other than zero as <c>NAME.zero_point</c>.
/// </summary>
static unsafe class SafeTensors
{
    const string ScaleSuffix = ".scale", ZeroPointSuffix = ".zero_point";
    const int MaxRank = 8;

    sealed record Entry(string Name, string Type, int[] Shape, long Begin, long End);

    /// <exception cref="ModelFormatException">Damaged or hostile.</exception>
    public static TensorSet Read(string path) => Read(new MappedFile(path), path);

    /// <summary>Reads what it then owns; path is its name in messages.</summary>
    public static TensorSet Read(MappedFile file, string path)
    {
        try
        {
            return Read(file.Pointer, file.Length, path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads from memory that owner keeps alive.</summary>
    public static TensorSet Read(byte* data, long length, string source, IDisposable? owner = null)
    {
        if (length < 8) throw new ModelFormatException(source, null, "a header length of 8 bytes", $"{length} bytes");
        var header = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(data, 8));
        if (header > (ulong)(length - 8) || header > int.MaxValue)
            throw new ModelFormatException(source, null, $"a header within the file's {length} bytes", $"a header of {header} bytes");
        var (entries, card) = ReadHeader(new ReadOnlySpan<byte>(data + 8, (int)header), source, new ReadBudget(source, length));
        long start = 8 + (long)header, room = length - start, next = 0;
        foreach (var entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin != next || entry.End < entry.Begin || entry.End > room)
                throw new ModelFormatException(source, entry.Name, $"data from byte {next} on, within {room}",
                    $"bytes {entry.Begin} to {entry.End}");
            next = entry.End;
        }
        if (next != room) throw new ModelFormatException(source, null, $"{next} bytes of data", $"{room}");

        var byName = entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
        var tensors = new List<Tensor>();
        foreach (var entry in entries)
        {
            if (IsBeside(entry, ScaleSuffix, byName) || IsBeside(entry, ZeroPointSuffix, byName)) continue;
            float[]? scales = null;
            var zeroPoint = 0;
            if (entry.Type == "I8")
            {
                if (!byName.TryGetValue(entry.Name + ScaleSuffix, out var scale) || !IsBeside(scale, ScaleSuffix, byName))
                    throw new ModelFormatException(source, entry.Name, $"float scales in '{entry.Name}{ScaleSuffix}'", "none");
                scales = Load(scale, data + start, source).ToFloats();
                if (byName.TryGetValue(entry.Name + ZeroPointSuffix, out var zero) && IsBeside(zero, ZeroPointSuffix, byName))
                    zeroPoint = Load(zero, data + start, source).ToFloats() is [>= sbyte.MinValue and <= sbyte.MaxValue and var z] && z == (int)z
                        ? (int)z
                        : throw new ModelFormatException(source, zero.Name, "one whole number of 8 bits",
                            $"the shape {Shapes.Text(zero.Shape)} or another value");
            }
            tensors.Add(Load(entry, data + start, source, scales, zeroPoint));
        }
        var renamed = tensors.Select(t => t.Rename(KeyRemap.Rename(t.Name) ?? t.Name)).ToList();
        return new TensorSet(source, renamed, card, null, owner);
    }

    static bool IsBeside(Entry entry, string suffix, Dictionary<string, Entry> byName)
        => entry.Type == "F32" && entry.Name.EndsWith(suffix, StringComparison.Ordinal)
            && byName.TryGetValue(entry.Name[..^suffix.Length], out var of) && of.Type == "I8";

    static Tensor Load(Entry entry, byte* data, string source, float[]? scales = null, int zeroPoint = 0)
    {
        TensorType type = entry.Type switch
        {
            "F32" => TensorType.Float32,
            "F16" => TensorType.Float16,
            "BF16" => TensorType.BFloat16,
            "I8" => TensorType.Int8,
            _ => throw new ModelFormatException(source, entry.Name, "F32, F16, BF16 or I8", entry.Type),
        };
        var bytes = entry.End - entry.Begin;
        if (!Shapes.TryCount(entry.Shape, out var count) || count * Tensor.Size(type) > int.MaxValue || count * Tensor.Size(type) != bytes)
            throw new ModelFormatException(source, entry.Name, $"{bytes} bytes of {entry.Type}", $"the shape {Shapes.Text(entry.Shape)}");
        if (scales is not null && scales.Length != 1 && (entry.Shape.Length == 0 || scales.Length != entry.Shape[0]))
            throw new ModelFormatException(source, entry.Name, "one scale or one per output", $"{scales.Length} scales");
        return new Tensor(entry.Name, entry.Shape, type, data + entry.Begin, bytes, scales, zeroPoint);
    }

    static (List<Entry> Entries, byte[]? Card) ReadHeader(ReadOnlySpan<byte> json, string source, ReadBudget budget)
    {
        var entries = new List<Entry>();
        byte[]? card = null;
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
            Expect(ref reader, JsonTokenType.StartObject);
            while (Next(ref reader) == JsonTokenType.PropertyName)
            {
                var name = Text(ref reader, budget);
                if (name == "__metadata__")
                {
                    Expect(ref reader, JsonTokenType.StartObject);
                    while (Next(ref reader) == JsonTokenType.PropertyName)
                    {
                        var isCard = reader.ValueTextEquals("card");
                        Expect(ref reader, JsonTokenType.String);
                        if (isCard) card = Encoding.UTF8.GetBytes(Text(ref reader, budget));
                    }
                }
                else
                {
                    if (!names.Add(name)) throw new ModelFormatException(source, name, "one tensor of that name", "two");
                    budget.Spend(1536, name);
                    entries.Add(ReadEntry(ref reader, name, budget));
                }
            }
            if (reader.Read()) throw new JsonException("something follows the header");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException(source, null, "a safetensors header", e.Message, e);
        }
        return card?.Length > TensorSet.MaxCardBytes
            ? throw new ModelFormatException(source, null, $"a card of at most {TensorSet.MaxCardBytes} bytes", $"{card.Length}")
            : (entries, card);
    }

    static Entry ReadEntry(ref Utf8JsonReader reader, string name, ReadBudget budget)
    {
        string? type = null;
        int[]? shape = null;
        long[]? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            var key = Text(ref reader, budget);
            Next(ref reader);
            switch (key)
            {
                case "dtype": type = Text(ref reader, budget); break;
                case "shape": shape = [.. Numbers(ref reader, MaxRank).Select(n => checked((int)Math.Min(n, int.MaxValue)))]; break;
                case "data_offsets": offsets = Numbers(ref reader, 2); break;
                default: throw new JsonException($"tensor '{name}' has an unknown field '{key}'");
            }
        }
        return type is not null && shape is not null && offsets is [var begin, var end]
            ? new Entry(name, type, shape, begin, end)
            : throw new JsonException($"tensor '{name}' lacks dtype, shape or data_offsets");
    }

    static long[] Numbers(ref Utf8JsonReader reader, int most)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("a list of numbers is expected");
        var list = new List<long>();
        while (Next(ref reader) == JsonTokenType.Number)
        {
            if (list.Count == most || !reader.TryGetInt64(out var value) || value < 0)
                throw new JsonException($"up to {most} non-negative numbers are expected");
            list.Add(value);
        }
        return reader.TokenType == JsonTokenType.EndArray ? [.. list] : throw new JsonException("a list of numbers is expected");
    }

    static string Text(ref Utf8JsonReader reader, ReadBudget budget)
    {
        budget.Spend(32 + (reader.ValueIsEscaped ? 3L : 2L) * reader.ValueSpan.Length);
        return reader.GetString() ?? throw new JsonException("a text is expected");
    }

    static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw new JsonException("the header ends early");

    static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (Next(ref reader) != type) throw new JsonException($"{type} is expected at byte {reader.TokenStartIndex}, found {reader.TokenType}");
    }

    /// <summary>Writes tensors in the given order; <paramref name="mode"/> is that of a new file, as the system gives it if null.</summary>
    /// <exception cref="IOException">The file cannot be written; nothing is left behind.</exception>
    public static void Write(string path, IEnumerable<Tensor> tensors, IReadOnlyDictionary<string, string>? metadata, UnixFileMode? mode = null)
    {
        var list = new List<Tensor>();
        foreach (var tensor in tensors)
        {
            list.Add(tensor);
            if (tensor.Type == TensorType.Int8) list.Add(new Tensor(tensor.Name + ScaleSuffix, [tensor.Scales.Length], tensor.Scales));
            if (tensor.ZeroPoint != 0) list.Add(new Tensor(tensor.Name + ZeroPointSuffix, [1], [tensor.ZeroPoint]));
        }
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata) writer.WriteString(key, value);
                writer.WriteEndObject();
            }
            var offset = 0L;
            foreach (var tensor in list)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype",
                    tensor.Type switch { TensorType.Float32 => "F32", TensorType.Float16 => "F16", TensorType.BFloat16 => "BF16", _ => "I8" });
                writer.WriteStartArray("shape");
                foreach (var dimension in tensor.Shape) writer.WriteNumberValue(dimension);
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(offset);
                writer.WriteNumberValue(offset += tensor.Data.Length);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        // The data starts at a multiple of 8: the header is padded with blanks.
        while (json.Length % 8 != 0) json.WriteByte((byte)' ');
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
            stream.Write(length);
            json.WriteTo(stream);
            foreach (var tensor in list) stream.Write(tensor.Data);
        }, mode);
    }
}
