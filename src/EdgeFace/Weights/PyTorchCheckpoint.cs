namespace EdgeFace.Weights;

/// <summary>Checkpoints of torch.save since PyTorch 1.6: a zip archive with a pickle and one entry per storage.</summary>
static unsafe class PyTorchCheckpoint
{
    /// <exception cref="ModelFormatException">Damaged, hostile, or with other contents than a state dictionary.</exception>
    public static TensorSet Read(string path) => Read(new MappedFile(path), path);

    /// <summary>Reads what it then owns; path is its name in messages.</summary>
    public static TensorSet Read(MappedFile file, string path)
    {
        try
        {
            return new Reader(file, path).Read();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    sealed class Reader
    {
        const string PickleName = "data.pkl";

        readonly MappedFile _file;
        readonly string _path;
        readonly ReadBudget _budget;
        readonly StoredZip _archive;
        readonly string _folder;
        readonly Dictionary<string, (nint Start, int Bytes)> _storages = [];

        public Reader(MappedFile file, string path)
        {
            (_file, _path) = (file, path);
            _budget = new ReadBudget(path, file.Length);
            _archive = new StoredZip(file.Pointer, file.Length, path, _budget);
            var pickle = _archive.Names.FirstOrDefault(n => n.EndsWith("/" + PickleName, StringComparison.Ordinal))
                ?? throw new ModelFormatException(path, null, $"a zip entry '{PickleName}'", "none");
            _folder = pickle[..^PickleName.Length];
            if (_archive.Contains(_folder + "constants.pkl"))
                throw new ModelFormatException(path, null, "a checkpoint of a state_dict", "a TorchScript archive");
        }

        public TensorSet Read()
        {
            var (start, bytes) = _archive.Open(_folder + PickleName);
            var root = PickleReader.Read(new ReadOnlySpan<byte>((void*)start, bytes), _path, _budget, TorchPickle.Dialect);
            var state = Unwrap(root as PickleDictionary ?? throw new ModelFormatException(_path, null, "a state dictionary", Kind(root)));
            var packed = state.Items.Select(i => i.Key as string).OfType<string>().Where(k => KeyRemap.IsPackedLinear(k, out _))
                .Select(k => k[..^"._packed_params._packed_params".Length]).ToHashSet();
            var tensors = new List<Tensor>();
            foreach (var (key, value) in state.Items)
            {
                if (key is not string name) throw new ModelFormatException(_path, null, "names as keys", Kind(key));
                if (KeyRemap.IsActivationQuantiser(name, packed.Contains) || KeyRemap.Rename(name) is not { } renamed) continue;
                if (KeyRemap.IsPackedLinear(renamed, out var layer))
                {
                    if (value is not PickleTuple { Items: [PickleTensor weight, null or PickleTensor] pair })
                        throw new ModelFormatException(_path, renamed, "a (weight, bias) pair", Kind(value));
                    tensors.Add(Load(weight, layer + ".weight"));
                    if (pair[1] is PickleTensor bias) tensors.Add(Load(bias, layer + ".bias"));
                }
                else
                {
                    tensors.Add(Load(value as PickleTensor ?? throw new ModelFormatException(_path, renamed, "a tensor", Kind(value)), renamed));
                }
            }
            return tensors.Count > 0 ? new TensorSet(_path, tensors, owner: _file)
                : throw new ModelFormatException(_path, null, "a state dictionary", "one without tensors");
        }

        /// <summary>The state dictionary itself, or the one under the key by which trainers usually wrap it.</summary>
        static PickleDictionary Unwrap(PickleDictionary root)
            => (root["state_dict"] ?? root["model"]) as PickleDictionary ?? root;

        static string Kind(object? value) => value switch
        {
            null => "None",
            PickleDictionary => "a dictionary",
            PickleList => "a list",
            PickleTuple => "a tuple",
            PickleTensor => "a tensor",
            string => "a text",
            PickleGlobal global => global.Name,
            _ => "a number",
        };

        Tensor Load(PickleTensor view, string name)
        {
            var type = view.Storage.Type switch
            {
                "FloatStorage" => TensorType.Float32,
                "HalfStorage" => TensorType.Float16,
                "BFloat16Storage" => TensorType.BFloat16,
                "QInt8Storage" => TensorType.Int8,
                var other => throw new ModelFormatException(_path, name, "float, half, bfloat16 or qint8 values", other),
            };
            var size = Tensor.Size(type);
            if (!_storages.TryGetValue(view.Storage.Key, out var storage))
            {
                var entry = $"{_folder}data/{view.Storage.Key}";
                if (!_archive.Contains(entry)) throw new ModelFormatException(_path, name, $"a zip entry '{entry}'", "none");
                _storages[view.Storage.Key] = storage = _archive.Open(entry);
            }
            if (view.Storage.Count != storage.Bytes / size || storage.Bytes % size != 0)
                throw new ModelFormatException(_path, name, $"{view.Storage.Count} values of {size} bytes in its storage", $"{storage.Bytes} bytes");
            if (!Shapes.TryCount(view.Shape, out var count) || count > view.Storage.Count)
                throw new ModelFormatException(_path, name, $"at most the {view.Storage.Count} values of its storage",
                    $"the shape {Shapes.Text(view.Shape)}");
            Int128 last = view.Offset;
            for (var d = 0; d < view.Shape.Length; d++) last += (Int128)Math.Max(0, view.Shape[d] - 1) * view.Strides[d];
            if (last >= view.Storage.Count && (count > 0 || view.Offset > view.Storage.Count))
                throw new ModelFormatException(_path, name, $"positions below {view.Storage.Count} in its storage", $"{last}");
            // What is shared is counted too: no archive makes many large tensors out of one small storage.
            _budget.Spend(512 + count * size, name);
            float[]? scales = type == TensorType.Int8 ? [(float)view.Scale] : null;
            return IsContiguous(view)
                ? new Tensor(name, view.Shape, type, (byte*)storage.Start + view.Offset * size, count * size, scales, view.ZeroPoint)
                : new Tensor(name, view.Shape, type, Gather(view, (byte*)storage.Start, size, (int)count), scales, view.ZeroPoint);
        }

        /// <summary>The view's values, row by row.</summary>
        static byte[] Gather(PickleTensor view, byte* storage, int size, int count)
        {
            var data = new byte[count * size];
            Span<int> index = stackalloc int[view.Shape.Length];
            index.Clear();
            for (var i = 0; i < count; i++)
            {
                var at = view.Offset;
                for (var d = 0; d < index.Length; d++) at += index[d] * view.Strides[d];
                new ReadOnlySpan<byte>(storage + at * size, size).CopyTo(data.AsSpan(i * size));
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
    }
}
