using System.Buffers.Binary;

namespace EdgeFace.Gallery;

/// <summary>What a stored crop has to be: a PNG of the size that recognisers take. Its pixels are not decoded here.</summary>
static class CropRules
{
    const int HeaderBytes = 33;

    static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static void Require(ReadOnlySpan<byte> crop)
    {
        if (crop.Length > NewSample.MostCropBytes) throw new GalleryException($"a crop may have {NewSample.MostCropBytes} bytes, not {crop.Length}");
        if (crop.Length < HeaderBytes || !crop.StartsWith(Signature) || !crop[12..16].SequenceEqual("IHDR"u8))
            throw new GalleryException("a crop is a PNG; this is none");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(crop[16..]), height = BinaryPrimitives.ReadUInt32BigEndian(crop[20..]);
        if (width != FaceEmbedder.CropSize || height != FaceEmbedder.CropSize)
            throw new GalleryException($"a crop has {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize} pixels; this PNG has {width} x {height}");
    }
}
