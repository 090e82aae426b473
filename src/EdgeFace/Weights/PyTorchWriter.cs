using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EdgeFace.Files;

namespace EdgeFace.Weights;

/// <summary>
/// Writes a state dictionary as <c>torch.save</c> does, for <c>torch.load(weights_only=True)</c>: a zip archive with a pickle and one entry a
/// tensor.
/// </summary>
sealed class PyTorchWriter
{
    const string Folder = "archive/";

    readonly ArrayBufferWriter<byte> _pickle = new();

    /// <summary>The file appears whole or not at all.</summary>
    /// <param name="tensors">In the order of the dictionary; floats of 32 or 16 bits.</param>
    /// <param name="prefix">Before every name.</param>
    public static void Write(string path, IReadOnlyList<Tensor> tensors, string prefix) => AtomicFile.Write(path, stream =>
    {
        var zip = new StoredZipWriter(stream);
        zip.Add(Folder + "data.pkl", new PyTorchWriter().Pickle(tensors, prefix));
        zip.Add(Folder + "byteorder", "little"u8);
        for (var i = 0; i < tensors.Count; i++) zip.Add($"{Folder}data/{Key(i)}", tensors[i].Data);
        zip.Add(Folder + "version", "3\n"u8);
        zip.Finish();
    });

    static string Key(int index) => index.ToString(CultureInfo.InvariantCulture);

    byte[] Pickle(IReadOnlyList<Tensor> tensors, string prefix)
    {
        Code("\u0080\u0002");
        NewDictionary();
        Code("(");
        for (var i = 0; i < tensors.Count; i++)
        {
            Text(prefix + tensors[i].Name);
            Describe(tensors[i], Key(i));
        }
        Code("u.");
        return _pickle.WrittenSpan.ToArray();
    }

    // _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)
    void Describe(Tensor tensor, string key)
    {
        var strides = new int[tensor.Shape.Length];
        for (int d = strides.Length - 1, stride = 1; d >= 0; stride *= tensor.Shape[d--]) strides[d] = stride;
        Global("torch._utils", "_rebuild_tensor_v2");
        Code("((");
        Text("storage");
        Global("torch", tensor.Type switch
        {
            TensorType.Float32 => "FloatStorage",
            TensorType.Float16 => "HalfStorage",
            TensorType.BFloat16 => "BFloat16Storage",
            _ => throw new ArgumentException($"tensor '{tensor.Name}': int8 values are not written as torch.save would"),
        });
        Text(key);
        Text("cpu");
        Number(checked((int)tensor.Count));
        Code("tQ");
        Number(0);
        Numbers(tensor.Shape);
        Numbers(strides);
        Code("\u0089");
        NewDictionary();
        Code("tR");
    }

    void NewDictionary()
    {
        Global("collections", "OrderedDict");
        Code(")R");
    }

    void Global(string module, string name) => Code($"c{module}\n{name}\n");

    void Numbers(ReadOnlySpan<int> values)
    {
        Code("(");
        foreach (var value in values) Number(value);
        Code("t");
    }

    void Number(int value)
    {
        Span<byte> bytes = stackalloc byte[5];
        bytes[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], value);
        _pickle.Write(bytes);
    }

    void Text(string text)
    {
        var content = Encoding.UTF8.GetBytes(text);
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], content.Length);
        _pickle.Write(head);
        _pickle.Write(content);
    }

    void Code(string opcodes) => _pickle.Write(Encoding.Latin1.GetBytes(opcodes));
}
