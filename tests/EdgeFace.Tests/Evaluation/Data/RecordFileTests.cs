using System.Buffers.Binary;
using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class RecordFileTests
{
    static readonly byte[] MagicBytes = [0x0a, 0x23, 0xd7, 0xce];

    /// <summary>Writes RecordIO as dmlc-core does: content is cut where it holds the magic number at a multiple of four.</summary>
    sealed class Writer
    {
        readonly List<byte> _records = [];
        readonly List<string> _index = [];

        public byte[] Records => [.. _records];

        public byte[] Index => [.. string.Concat(_index).Select(c => (byte)c)];

        public Writer Image(int key, float label, byte[] content) => Record(key, 0, label, [], content);

        public Writer Record(int key, uint flag, float label, float[] labels, byte[] content)
        {
            using var body = new MemoryStream();
            using var writer = new BinaryWriter(body);
            writer.Write(flag);
            writer.Write(label);
            writer.Write((ulong)key);
            writer.Write(7UL);
            foreach (var one in labels) writer.Write(one);
            writer.Write(content);
            return Raw(key, body.ToArray());
        }

        public Writer Raw(int key, byte[] body)
        {
            _index.Add($"{key}\t{_records.Count}\n");
            var parts = new List<byte[]>();
            var from = 0;
            for (var at = 0; at + 4 <= body.Length; at += 4)
            {
                if (!body.AsSpan(at, 4).SequenceEqual(MagicBytes)) continue;
                parts.Add(body[from..at]);
                from = at + 4;
            }
            parts.Add(body[from..]);
            for (var i = 0; i < parts.Count; i++) Part(parts.Count == 1 ? 0u : i == 0 ? 1u : i == parts.Count - 1 ? 3u : 2u, parts[i]);
            return this;
        }

        public Writer Part(uint kind, byte[] bytes, int? length = null)
        {
            _records.AddRange(MagicBytes);
            _records.AddRange(BitConverter.GetBytes(kind << 29 | (uint)(length ?? bytes.Length)));
            _records.AddRange(bytes);
            _records.AddRange(new byte[(4 - bytes.Length % 4) % 4]);
            return this;
        }

        public string Save(TempFolder folder, bool index = true)
        {
            if (index) folder.Write("a.idx", Index);
            else File.Delete(folder["a.idx"]);
            return folder.Write("a.rec", Records);
        }
    }

    // As InsightFace packs: images 1 to 4, people 5 and 6, whose labels are their ranges of images.
    static Writer Packed() => new Writer().Record(0, 2, 0, [5, 7], [])
        .Image(1, 0, [1, 2, 3]).Image(2, 0, [4]).Record(3, 2, 0, [1, 0.25f], [5, 6]).Image(4, 1, [7, 8, 9, 10])
        .Record(5, 2, 0, [1, 3], []).Record(6, 2, 0, [3, 5], []);

    [Theory, InlineData(true), InlineData(false)]
    public void Packed_images_are_read_in_any_order(bool index)
    {
        using var folder = new TempFolder();
        using var file = RecordFile.Open(Packed().Save(folder, index));
        Assert.Equal([1, 2, 3, 4], file.ImageKeys);
        Assert.Equal(4, file.AnnouncedImages);
        Assert.Equal<byte>([7, 8, 9, 10], file.Read(4).Content);
        Assert.Equal<byte>([1, 2, 3], file.Read(1).Content);
        var third = file.Read(3);
        Assert.Equal<byte>([5, 6], third.Content);
        Assert.Equal([1, 0.25f], third.Labels);
        Assert.Equal((3UL, 7UL, 3), (third.Id, third.Id2, third.Key));
        Assert.Equal([0, 0, 1, 1], file.ImageKeys.Select(file.ReadLabel));
        Assert.Equal([3, 1, 2, 4], file.ReadImages().Select(r => r.Content.Length));
        Assert.Equal("key 9: expected a record, found none in the index",
            Assert.Throws<DataSetException>(() => file.Read(9)).Message[(folder["a.rec"].Length + 2)..]);
    }

    [Fact]
    public void Labels_name_the_people()
    {
        using var folder = new TempFolder();
        using var set = RecordFile.Open(Packed().Save(folder)).ToDataSet(new() { Strict = true });
        Assert.Equal(["1", "2", "3", "4"], set.Images.Select(i => i.Name));
        Assert.Equal(["0", "1"], set.People.Select(p => p.Name));
        Assert.Equal([2, 3], set.People[1].Images);
        Assert.Equal<byte>([5, 6], set.Images[2].Read());
        Assert.Empty(set.Problems);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Without_a_header_every_record_is_an_image(bool index)
    {
        using var folder = new TempFolder();
        using var file = RecordFile.Open(new Writer().Image(0, 3, [1]).Image(1, 4, [2]).Save(folder, index));
        Assert.Equal([0, 1], file.ImageKeys);
        Assert.Null(file.AnnouncedImages);
        Assert.Equal([3, 4], file.ImageKeys.Select(file.ReadLabel));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Content_that_holds_the_magic_number_comes_back_whole(bool index)
    {
        byte[] content = [.. MagicBytes, 1, 2, 3, 4, .. MagicBytes, .. MagicBytes, 5, .. MagicBytes];
        using var folder = new TempFolder();
        var writer = new Writer().Image(0, 2, content).Image(1, 3, [9]);
        // Three magic numbers are aligned and cut the record into four parts; the fourth is not; and there is another record.
        Assert.Equal(5, Count(writer.Records));
        using var file = RecordFile.Open(writer.Save(folder, index));
        Assert.Equal(content, file.Read(0).Content);
        Assert.Equal<byte>([9], file.Read(1).Content);
        Assert.Equal(2, file.ReadLabel(0));

        static int Count(byte[] bytes) => Enumerable.Range(0, bytes.Length / 4).Count(i => bytes.AsSpan(4 * i, 4).SequenceEqual(MagicBytes));
    }

    [Fact]
    public void A_record_fewer_than_announced_is_reported()
    {
        using var folder = new TempFolder();
        var path = new Writer().Record(0, 2, 0, [4, 4], []).Image(1, 0, [1]).Image(3, 0, [2]).Save(folder);
        using var set = RecordFile.Open(path).ToDataSet();
        Assert.Equal($"{path}: record 0 announces 3 images, and there are 2", Assert.Single(set.Problems).ToString());
        using var file = RecordFile.Open(path);
        Assert.Throws<DataSetException>(() => file.ToDataSet(new() { Strict = true }));
    }

    static readonly Dictionary<string, (Func<Writer> Writer, string? Index, string Says)> Hostile = new()
    {
        ["another file"] = (() => new Writer().Raw(0, new byte[24]), "0\t8\n",
            "byte 8: expected RecordIO's magic number 0xced7230a, found 0x00000000"),
        ["a length beyond the end"] = (() => new Writer().Part(0, new byte[24], 536_870_911), "0\t0\n",
            "expected a record of 536870911 bytes, found 24 bytes to the file's end"),
        ["a part of kind 5"] = (() => new Writer().Part(5, new byte[24]), "0\t0\n", "a part of kind 0 to 3, found 5"),
        ["a middle part first"] = (() => new Writer().Part(2, new byte[24]), null, "the beginning of a record, found part 2"),
        ["a whole record in parts"] = (() => new Writer().Part(1, new byte[24]).Part(0, new byte[24]), null,
            "a further part of a record, found part 0"),
        ["no last part"] = (() => new Writer().Part(1, new byte[24]), null, "the last part of a record, found the file's end"),
        ["no last part, by index"] = (() => new Writer().Part(1, new byte[24]), "0\t0\n", "byte 32: expected 8 bytes, found the file's end"),
        ["a record without a header"] = (() => new Writer().Raw(0, new byte[23]), "0\t0\n",
            "record 0: expected a record of at least 24 bytes, found 23"),
        ["more labels than bytes"] = (() => new Writer().Record(0, 5, 0, [1, 2], []), "0\t0\n", "expected 5 labels, found a record of 32 bytes"),
        ["four billion labels"] = (() => new Writer().Record(0, uint.MaxValue, 0, [1, 2], []), "0\t0\n", "at most 1024 labels, found 4294967295"),
        ["a range that is no number"] = (() => new Writer().Record(0, 2, 0, [float.NaN, 2], []).Image(1, 0, [1]), null,
            "the ranges of images and people as labels"),
        ["a negative range"] = (() => new Writer().Record(0, 2, 0, [-5, 2], []).Image(1, 0, [1]), null, "the ranges of images and people as labels"),
        ["no images"] = (() => new Writer().Record(0, 2, 0, [1, 1], []), null, "expected images, found none"),
        ["a label that is no number"] = (() => new Writer().Image(0, float.PositiveInfinity, [1]), null, "a label that is a number"),
        ["an index of words"] = (() => Packed(), "zero\t0\n", "line 1: expected a key and an offset, found 'zero\t0'"),
        ["an offset beyond the end"] = (() => new Writer().Image(0, 0, [1]), "0\t36\n",
            "an offset that is a multiple of 4 inside 36 bytes, found 36"),
        ["an offset of 2^63"] = (() => new Writer().Image(0, 0, [1]), "0\t9223372036854775808\n", "a key and an offset"),
        ["an odd offset"] = (() => Packed(), "0\t2\n", "an offset that is a multiple of 4"),
        ["a negative key"] = (() => Packed(), "-1\t0\n", "a key and an offset"),
        ["a key twice"] = (() => Packed(), "0\t0\n0\t40\n", "each key once, found key 0 twice"),
        ["an empty index"] = (() => Packed(), "", "an index of records, found an empty file"),
        ["an empty file"] = (() => new Writer(), null, "byte 0: expected 8 bytes, found the file's end after 0"),
    };

    public static TheoryData<string> HostileNames => [.. Hostile.Keys];

    [Theory, MemberData(nameof(HostileNames))]
    public void Hostile_records_are_refused(string name)
    {
        var (writer, index, says) = Hostile[name];
        using var folder = new TempFolder();
        if (index is not null) folder.Write("a.idx", [.. index.Select(c => (byte)c)]);
        var path = folder.Write("a.rec", writer().Records);
        var refusal = Assert.Throws<DataSetException>(() =>
        {
            using var file = RecordFile.Open(path);
            using var set = file.ToDataSet();
        });
        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_label_names_nobody()
    {
        using var folder = new TempFolder();
        var path = new Writer().Image(0, -1, [1]).Image(1, 0, [2]).Image(2, -0.5f, [3]).Image(3, 0, [4]).Save(folder);
        using var set = RecordFile.Open(path).ToDataSet();
        Assert.Equal([null, "0", null, "0"], set.Images.Select(i => i.Person));
        Assert.Equal([-1, 0, -1, 0], set.PersonOf);
        var problem = Assert.Single(set.Problems);
        Assert.Equal(DataProblemKind.UnknownPerson, problem.Kind);
        Assert.Contains("2 of 4 images", problem.Text, StringComparison.Ordinal);
        set.RequirePeople();
        using var unknown = RecordFile.Open(new Writer().Image(0, -1, [1]).Image(1, -1, [2]).Image(2, -7, [3]).Save(folder)).ToDataSet();
        Assert.Empty(unknown.People);
        var refusal = Assert.Throws<DataSetException>(unknown.RequirePeople).Message;
        Assert.Contains("3 images of which nobody says who they show", refusal, StringComparison.Ordinal);
        Assert.Contains("the number of the person, 0 or more", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_over_people_refuse_pictures_of_nobody_before_they_embed_them()
    {
        using var folder = new TempFolder();
        var path = new Writer().Image(0, -1, [1]).Image(1, -1, [2]).Save(folder);
        string[][] commands = [["eval", "identities", path], ["calibrate", path, "-o", folder["c.json"]]];
        foreach (var command in commands) ToolRun.Of(command).Fails(3, path, "nobody says who they show", "number of the person");
        Assert.False(File.Exists(folder["c.json"]));
    }

    [Fact]
    public void Changed_bytes_are_refused_or_read()
    {
        using var folder = new TempFolder();
        var random = new Random(20253);
        var read = 0;
        byte[] records = Packed().Image(7, 0, [.. MagicBytes, 1, 2, .. MagicBytes, .. MagicBytes]).Records, index = Packed().Index;
        for (var i = 0; i < 3000; i++)
        {
            byte[] changed = records.ToArray(), changedIndex = index.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
                changed[random.Next(changed.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(1 << random.Next(8));
            if (i % 4 == 0) changedIndex[random.Next(index.Length)] = (byte)"0123456789\t\n x-"[random.Next(15)];
            if (i % 3 == 0) changed = changed[..random.Next(changed.Length)];
            if (i % 2 == 0) folder.Write("a.idx", changedIndex);
            else File.Delete(folder["a.idx"]);
            var path = folder.Write("a.rec", changed);
            try
            {
                using var set = RecordFile.Open(path).ToDataSet();
                foreach (var image in set.Images) image.Read();
                read++;
            }
            catch (DataSetException)
            {
            }
        }
        Assert.InRange(read, 100, 2900);
    }

    [Fact]
    public void The_training_set_is_read_by_index_and_without_one()
    {
        var path = TestData.Shared("train/train.rec");
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var file = RecordFile.Open(path);
        using var set = file.ToDataSet(new() { Strict = true });
        // The index and a name for each image, not the 60 MB of pictures.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
        // Facts of the file seen with Python's struct module; the number of people is the first of its property file.
        Assert.Equal((18828, 3878), (set.Images.Count, set.People.Count));
        Assert.Equal(("0", "3877"), (set.Images[0].Person, set.Images[^1].Person));
        var last = file.Read(18827);
        Assert.Equal((2885 - 24, 18827UL, 3876f), (last.Content.Length, last.Id, last.Labels[0]));
        Assert.All((int[])[1, 9000, 18828], key => Assert.Equal(0xffd8, BinaryPrimitives.ReadUInt16BigEndian(file.Read(key).Content)));

        using var folder = new TempFolder();
        File.CreateSymbolicLink(folder["bare.rec"], path);
        using var walked = RecordFile.Open(folder["bare.rec"]);
        Assert.Equal(file.ImageKeys, walked.ImageKeys);
        Assert.All((int[])[1, 9000, 18828], key => Assert.Equal(file.Read(key).Content, walked.Read(key).Content));
    }
}
