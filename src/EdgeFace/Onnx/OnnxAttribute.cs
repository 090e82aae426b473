namespace EdgeFace.Onnx;

/// <summary>A named constant of a node (AttributeProto).</summary>
static class OnnxAttribute
{
    const int TypeFloat = 1, TypeInt = 2, TypeInts = 7;

    public static ProtobufMessage Float(string name, float value) => new ProtobufMessage().Text(1, name).Float(2, value).Int(20, TypeFloat);

    public static ProtobufMessage Int(string name, long value) => new ProtobufMessage().Text(1, name).Int(3, value).Int(20, TypeInt);

    public static ProtobufMessage Ints(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new ProtobufMessage().Text(1, name);
        foreach (var value in values) attribute.Int(8, value);
        return attribute.Int(20, TypeInts);
    }
}
