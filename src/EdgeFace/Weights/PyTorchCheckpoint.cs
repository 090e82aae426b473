using System.IO.Compression;
using System.Runtime.InteropServices;

namespace EdgeFace.Weights;

/// <summary>Checkpoints of torch.save since PyTorch 1.6: a zip archive with a pickle and one entry per storage.</summary>
static class PyTorchCheckpoint
{
    /// <exception cref="ModelFormatException">Damaged, hostile, or with other contents than a state dictionary.</exception>
    public static TensorSet Read(string path)
    {
        using var stream = MappedFile.OpenRead(path);
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            return new Reader(archive, path, stream.Length).Read();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or IOException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new ModelFormatException(path, null, "a PyTorch zip checkpoint", e.Message, e);
        }
    }

    sealed class Reader(ZipArchive archive, string path, long fileLength)
    {
        readonly Dictionary<string, byte[]> _storages = [];

        // What is read and what is copied together stay within twice the file.
        long _budget = 2 * fileLength;
        string _folder = "";

        public TensorSet Read()
        {
            var pickle = archive.Entries.FirstOrDefault(e => e.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
                ?? throw new ModelFormatException(path, null, "an entry 'data.pkl'", archive.Entries.Any(e => e.FullName.EndsWith("constants.pkl", StringComparison.Ordinal)) ? "a TorchScript archive: save the state_dict instead" : "none");
            _folder = pickle.FullName[..^"data.pkl".Length];
            var root = PickleReader.Read(Entry(pickle), path) as PickleDictionary ?? throw new ModelFormatException(path, null, "a state dictionary", "something else");
            var state = Unwrap(root);
            var packed = state.Items.Select(i => i.Key as string).OfType<string>().Where(k => KeyRemap.IsPackedLinear(k, out _))
                .Select(k => k[..^"._packed_params._packed_params".Length]).ToHashSet();
            var tensors = new List<Tensor>();
            foreach (var (key, value) in state.Items)
            {
                if (key is not string name) throw new ModelFormatException(path, null, "names as keys", $"{key?.GetType().Name ?? "null"}");
                if (KeyRemap.IsActivationQuantiser(name, packed.Contains) || KeyRemap.Rename(name) is not { } renamed) continue;
                if (KeyRemap.IsPackedLinear(renamed, out var layer))
                {
                    if (value is not PickleTuple { Items: [PickleTensor weight, var bias] }) throw new ModelFormatException(path, renamed, "a (weight, bias) pair", "something else");
                    tensors.Add(Load(weight, layer + ".weight"));
                    if (bias is PickleTensor b) tensors.Add(Load(b, layer + ".bias"));
                }
                else
                {
                    tensors.Add(Load(value as PickleTensor ?? throw new ModelFormatException(path, renamed, "a tensor", value?.GetType().Name ?? "null"), renamed));
                }
            }
            return tensors.Count > 0 ? new TensorSet(path, tensors) : throw new ModelFormatException(path, null, "a state dictionary", "one without tensors");
        }

        /// <summary>The state dictionary itself, or the one under the key by which trainers usually wrap it.</summary>
        static PickleDictionary Unwrap(PickleDictionary root)
            => (root["state_dict"] ?? root["model"]) as PickleDictionary ?? root;

        Tensor Load(PickleTensor view, string name)
        {
            var (type, size) = view.Storage.Type switch
            {
                "FloatStorage" => (TensorType.Float32, 4),
                "HalfStorage" => (TensorType.Float16, 2),
                "BFloat16Storage" => (TensorType.BFloat16, 2),
                "QInt8Storage" => (TensorType.Int8, 1),
                _ => throw new ModelFormatException(path, name, "float, half, bfloat16 or qint8 values", view.Storage.Type),
            };
            if (!_storages.TryGetValue(view.Storage.Key, out var storage))
            {
                var entry = archive.GetEntry($"{_folder}data/{view.Storage.Key}") ?? throw new ModelFormatException(path, name, $"an entry 'data/{view.Storage.Key}'", "none");
                _storages[view.Storage.Key] = storage = Entry(entry);
            }
            if (storage.Length / size < view.Storage.Count) throw new ModelFormatException(path, name, $"a storage of {view.Storage.Count} values", $"{storage.Length / size}");
            var data = Gather(view, storage, size, name);
            return new Tensor(name, view.Shape, type, data, type == TensorType.Int8 ? [(float)view.Scale] : null, view.ZeroPoint);
        }

        /// <summary>The view's values row by row; the storage itself where the view is all of it.</summary>
        byte[] Gather(PickleTensor view, byte[] storage, int size, string name)
        {
            if (!Shapes.TryCount(view.Shape, out var count) || count > view.Storage.Count)
                throw new ModelFormatException(path, name, $"at most the {view.Storage.Count} values of its storage", $"the shape {Shapes.Text(view.Shape)}");
            var last = view.Offset;
            for (var i = 0; i < view.Shape.Length; i++) last = checked(last + Math.Max(0, view.Shape[i] - 1) * view.Strides[i]);
            if (count > 0 && last >= view.Storage.Count)
                throw new ModelFormatException(path, name, $"positions below {view.Storage.Count} in its storage", $"{last}");
            if (view.Offset == 0 && count * size == storage.Length && IsContiguous(view)) return storage;
            Spend(count * size, name);
            var data = new byte[count * size];
            Span<int> index = stackalloc int[view.Shape.Length];
            for (var i = 0L; i < count; i++)
            {
                var at = view.Offset;
                for (var d = 0; d < index.Length; d++) at += index[d] * view.Strides[d];
                storage.AsSpan((int)(at * size), size).CopyTo(data.AsSpan((int)(i * size)));
                for (var d = index.Length - 1; d >= 0 && ++index[d] == view.Shape[d]; d--) index[d] = 0;
            }
            return data;
        }

        static bool IsContiguous(PickleTensor view)
        {
            var expected = 1L;
            for (var d = view.Shape.Length - 1; d >= 0; d--)
            {
                if (view.Shape[d] != 1 && view.Strides[d] != expected) return false;
                expected *= view.Shape[d];
            }
            return true;
        }

        byte[] Entry(ZipArchiveEntry entry)
        {
            if (entry.CompressedLength != entry.Length) throw new ModelFormatException(path, null, "entries stored without compression, as torch.save writes them", $"'{entry.FullName}' compressed");
            Spend(entry.Length, entry.FullName);
            var bytes = new byte[entry.Length];
            using var stream = entry.Open();
            stream.ReadExactly(bytes);
            return bytes;
        }

        void Spend(long bytes, string what)
        {
            if ((_budget -= bytes) < 0) throw new ModelFormatException(path, what, $"contents of at most twice the file's {fileLength} bytes", "more");
        }
    }
}
