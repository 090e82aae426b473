using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EdgeFace.Weights;

/// <summary>
/// The identity of a set of weights: SHA-256 over the tensors in ordinal order of their names, each as name (UTF-8), a zero byte, the number of
/// dimensions and the dimensions (32-bit), and the values as 32-bit floats, all little-endian. It does not depend on the file format; storing
/// weights with less precision changes it, because it changes the values.
/// </summary>
static class WeightIdentity
{
    public static string Sha256(IEnumerable<Tensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[4];
        foreach (var tensor in tensors.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name));
            hash.AppendData([0]);
            BinaryPrimitives.WriteInt32LittleEndian(number, tensor.Shape.Length);
            hash.AppendData(number);
            foreach (var dimension in tensor.Shape)
            {
                BinaryPrimitives.WriteInt32LittleEndian(number, dimension);
                hash.AppendData(number);
            }
            hash.AppendData(tensor.Type == TensorType.Float32 ? tensor.Data : MemoryMarshal.AsBytes(tensor.ToFloats().AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
