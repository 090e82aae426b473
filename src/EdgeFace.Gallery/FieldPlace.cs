using System.Buffers.Binary;
using System.Text;

namespace EdgeFace.Gallery;

/// <summary>Where an encrypted value belongs. It is authenticated with the value, so one that is found elsewhere is refused.</summary>
/// <param name="Column">What it is.</param>
/// <param name="Row">Number of the person or sample; 0 for what belongs to the gallery.</param>
/// <param name="Person">Whose sample it is, for values of samples; else 0.</param>
/// <param name="Beside">Readable values that must be as they were when this one was encrypted.</param>
readonly record struct FieldPlace(string Column, long Row, long Person = 0, string Beside = "")
{
    /// <summary>From this version of the tables on the gallery, the person and what stands beside are bound, too.</summary>
    public const int FullSince = 2;

    /// <summary>The bytes to be authenticated.</summary>
    public byte[] ToBytes(ReadOnlySpan<byte> gallery, int version)
    {
        if (version < FullSince) return [.. Number(Row), .. Encoding.UTF8.GetBytes(Column)];
        return [.. gallery, .. Number(Row), .. Number(Person), .. Encoding.UTF8.GetBytes($"{Column}\0{Beside}")];
    }

    static byte[] Number(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
