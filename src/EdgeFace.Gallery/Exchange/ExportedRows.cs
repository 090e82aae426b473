using System.Runtime.InteropServices;
using EdgeFace.Weights;

namespace EdgeFace.Gallery;

/// <summary>The embeddings of an export, one file open at a time.</summary>
sealed class ExportedRows(string folder, ExportHeader header) : IDisposable
{
    TensorSet? _file;
    Tensor? _tensor;
    long _index = -1;

    /// <exception cref="ExportDamagedException">There is no such row, or it is no embedding.</exception>
    public Embedding this[long row]
    {
        get
        {
            if (row < 0 || row >= header.Samples) throw new ExportDamagedException($"{folder}: a sample names row {row} of {header.Samples}");
            Open(row / header.RowsPerFile);
            int within = (int)(row % header.RowsPerFile), dimension = header.Contract.Dimension;
            if (within >= _tensor!.Shape[0])
                throw new ExportDamagedException($"{_file!.Source} has {_tensor.Shape[0]} rows; row {within} is asked for");
            try
            {
                return new(MemoryMarshal.Cast<byte, float>(_tensor.Data).Slice(within * dimension, dimension), header.Contract);
            }
            catch (DegenerateEmbeddingException e)
            {
                throw new ExportDamagedException($"{_file!.Source}, row {within}: {e.Message}", e);
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    void Open(long index)
    {
        if (index == _index) return;
        _file?.Dispose();
        (_file, _tensor, _index) = (null, null, -1);
        var path = ExportFile.Require(folder, GalleryExport.EmbeddingFile(index));
        try
        {
            _file = SafeTensors.Read(path);
        }
        catch (ModelFormatException e)
        {
            throw new ExportDamagedException(e.Message, e);
        }
        if (!_file.TryGet(GalleryExport.TensorName, out _tensor) || _tensor.Type != TensorType.Float32
            || _tensor.Shape.Length != 2 || _tensor.Shape[1] != header.Contract.Dimension)
            throw new ExportDamagedException(
                $"{path} holds no 32-bit floats called '{GalleryExport.TensorName}' of {header.Contract.Dimension} columns");
        _index = index;
    }
}
