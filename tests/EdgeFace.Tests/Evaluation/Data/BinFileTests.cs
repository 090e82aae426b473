using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class BinFileTests
{
    public static TheoryData<string> Pickles => [.. BinPickles.Base64.Keys];

    static DataSet Read(TempFolder folder, byte[] bytes) => BinFile.Read(folder.Write("a.bin", bytes));

    static DataSetException Refused(byte[] bytes)
    {
        using var folder = new TempFolder();
        var refusal = Assert.Throws<DataSetException>(() => Read(folder, bytes));
        Assert.Equal(folder["a.bin"], refusal.File);
        Assert.StartsWith(refusal.File, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    [Theory, MemberData(nameof(Pickles))]
    public void What_python_and_numpy_write_is_read(string name)
    {
        using var folder = new TempFolder();
        using var set = Read(folder, BinPickles.Of(name));
        Assert.Equal(BinPickles.Pictures, set.Images.Count);
        for (var i = 0; i < BinPickles.Pictures; i++) Assert.Equal(BinPickles.Picture(i), set.Images[i].Read());
        Assert.Equal([new(1, true, 0, 1), new(2, false, 2, 3), new(3, true, 4, 5)], set.Pairs);
        Assert.Equal(3, set.ListedPairs);
        Assert.Empty(set.Problems);
        Assert.Empty(set.People);
    }

    [Fact]
    public void Arrays_of_python_2_are_read()
    {
        const string Type = "cnumpy\ndtype\n(U\x02" + "{0}K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb";
        string bytes = Type.Replace("{0}", "u1"), bools = Type.Replace("{0}", "b1");
        string Picture(string content)
            => "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\u0001btR(K\x01K\x04\x85" + bytes + "\x89U\x04" + content + "tb";
        using var folder = new TempFolder();
        using var set = Read(folder, new Pickle().Raw("](").Raw(Picture("\xff\xd8\xff\x00")).Raw(Picture("wxyz"))
            .Raw("e](").Raw("cnumpy.core.multiarray\nscalar\n(" + bools + "U\x01\x01tR").Raw("e\x86").End());
        Assert.Equal<byte>([0xff, 0xd8, 0xff, 0], set.Images[0].Read());
        Assert.Equal("wxyz"u8.ToArray(), set.Images[1].Read());
        Assert.Equal([new(1, true, 0, 1)], set.Pairs);
    }

    [Fact]
    public void Labels_may_be_numbers_and_folds_are_ten_consecutive_parts()
    {
        using var folder = new TempFolder();
        using var set = Read(folder, BinPickles.Plain(46, string.Concat(Enumerable.Repeat("K\x01K\x00", 11)) + "K\x01").End());
        // 23 pairs: the first three parts have three pairs, the others two, as scikit-learn's KFold without shuffling splits them.
        Assert.Equal([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10], set.Pairs.Select(p => p.Fold));
        Assert.Equal(Enumerable.Range(0, 23).Select(i => i % 2 == 0), set.Pairs.Select(p => p.Same));
    }

    [Fact]
    public void Pictures_stay_in_the_file()
    {
        using var folder = new TempFolder();
        const int Length = 8 << 20;
        var pickle = new Pickle().Raw("](B" + Pickle.Int32(Length)).Raw("\x07", Length).Raw("U\x01xe](\x88" + "e\x86").End();
        var path = folder.Write("a.bin", pickle);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var set = BinFile.Read(path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(Length, set.Images[0].Read().Count(b => b == 7));
    }

    [Fact]
    public void A_disposed_set_gives_no_pictures()
    {
        using var folder = new TempFolder();
        var set = Read(folder, BinPickles.Plain(2, "\x88").End());
        set.Dispose();
        Assert.Throws<ObjectDisposedException>(() => set.Images[0].Read());
    }

    static readonly Dictionary<string, (Func<Pickle> Pickle, string Says)> Hostile = new()
    {
        ["os.system"] = (() => new Pickle().Global("os", "system").Text("touch /tmp/owned").Raw("\x85R"), "global 'os.system' is not allowed"),
        ["eval by STACK_GLOBAL"] = (() => new Pickle().Text("builtins").Text("eval").Raw("\x93"), "global 'builtins.eval' is not allowed"),
        ["numpy's loader of files"] = (() => new Pickle().Global("numpy", "load"), "global 'numpy.load' is not allowed"),
        ["a codec that runs code"] = (() => new Pickle().Global("_codecs", "encode").Raw("(").Text("x").Text("zlib").Raw("tR"),
            "a call of '_codecs.encode' with other arguments"),
        ["INST"] = (() => new Pickle().Raw("(ios\nsystem\n"), "opcode 0x69 is not allowed in a .bin data set"),
        ["a persistent id"] = (() => new Pickle().Text("x").Raw("Q"), "a persistent id"),
        ["protocol 1"] = (() => new Pickle().Raw("\x80\x01"), "pickle protocol 1 is not 2 to 5"),
        ["a call of a list"] = (() => new Pickle().Raw("])R"), "a call of something that is no function"),
        ["attributes of a list"] = (() => new Pickle().Raw("]}b"), "a state that numpy does not write"),
        ["a picture of 4 GB"] = (() => new Pickle().Raw("](B\xff\xff\xff\xff" + "x"), "the pickle ends early"),
        ["a picture of 2^64 bytes"] = (() => new Pickle().Raw("](\x8e").Raw("\xff", 8), "the pickle ends early"),
        ["a negative length"] = (() => new Pickle().Raw("](T\xff\xff\xff\xff" + "x"), "the pickle ends early"),
        ["pixels of three dimensions"] = (() => new Pickle().Raw("](").Raw(Array("u1", "K\x02K\x01K\x03\x87", "abcdef")),
            "an array of 3 dimensions: pixels instead of an encoded picture"),
        ["floats"] = (() => new Pickle().Raw("](").Raw(Array("f4", "K\x01\x85", "abcd")), "numpy type 'f4'"),
        ["objects"] = (() => new Pickle().Raw("](").Raw(Array("O8", "K\x01\x85", "abcd")), "numpy type 'O8'"),
        ["an array that says it is longer"] = (() => new Pickle().Raw("](").Raw(Array("u1", "M\xff\xff\x85", "abcd")),
            "an array of 65535 values with 4 bytes"),
        ["an array of a negative length"] = (() => new Pickle().Raw("](").Raw(Array("u1", "J\xff\xff\xff\xff\x85", "abcd")),
            "an array of -1 values with 4 bytes"),
        ["an array without values"] = (
            () => new Pickle().Raw("](cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\u0001btRU\x01xe](\x88" + "e\x86"),
            "picture 0: expected a byte string or an array of bytes, found an array without values"),
        ["an array of bools as picture"] = (() => new Pickle().Raw("](").Raw(Array("b1", "K\x01\x85", "x")).Raw("U\x01xe](\x88" + "e\x86"),
            "picture 0: expected a byte string or an array of bytes, found an array of bools"),
        ["labels of 2"] = (() => BinPickles.Plain(2, "K\x02"), "label 0: expected true or false, found the number 2"),
        ["an array of labels of 2"] = (() => new Pickle().Raw("](U\x01xU\x01ye").Raw(Array("b1", "K\x01\x85", "\x02")).Raw("\x86"),
            "labels of 0 and 1"),
        ["a picture that is a number"] = (() => new Pickle().Raw("](K\x05U\x01xe](\x88" + "e\x86"),
            "picture 0: expected a byte string or an array of bytes, found the number 5"),
        ["one label too few"] = (() => BinPickles.Plain(4, "\x88"), "4 pictures and 1 labels"),
        ["one picture too few"] = (() => BinPickles.Plain(3, "\x88\x89"), "3 pictures and 2 labels"),
        ["no pairs"] = (() => BinPickles.Plain(0, ""), "expected pairs, found none"),
        ["three parts"] = (() => new Pickle().Raw("]]]\x87"), "found a tuple of 3"),
        ["a dictionary"] = (() => new Pickle().Raw("}"), "found a dictionary"),
        ["a list that holds itself as pictures"] = (() => new Pickle().Raw("]q\x00h\x00" + "a](\x88" + "e\x86"), "1 pictures and 1 labels"),
    };

    static string Array(string type, string shape, string values)
        => "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\u0001btR(K\x01" + shape
            + "cnumpy\ndtype\n(U\x02" + type + "K\x00K\x01tR\x89U" + (char)values.Length + values + "tb";

    public static TheoryData<string> HostileNames => [.. Hostile.Keys];

    [Theory, MemberData(nameof(HostileNames))]
    public void Hostile_pickle_is_refused_by_name(string name)
    {
        var (pickle, says) = Hostile[name];
        // A list that holds itself is a picture that is a list, and then the count is wrong; either is named.
        var message = Refused(pickle().End()).Message;
        Assert.True(message.Contains(says, StringComparison.Ordinal)
            || name == "a list that holds itself as pictures" && message.Contains("found a list of 1", StringComparison.Ordinal), message);
    }

    [Fact]
    public void Refusal_names_the_byte()
    {
        var refusal = Refused(new Pickle().Raw("]").Global("os", "system").End());
        Assert.Equal("byte 3", refusal.Place);
        Assert.Equal("a pickle of images and labels as InsightFace's .bin files hold it", refusal.Expected);
    }

    [Fact]
    public void Missing_empty_and_folder_are_refused()
    {
        using var folder = new TempFolder();
        Assert.Equal("no such file", Assert.Throws<DataSetException>(() => BinFile.Read(folder["none.bin"])).Found);
        Assert.Equal("a folder", Assert.Throws<DataSetException>(() => BinFile.Read(folder.Path)).Found);
        Assert.Equal("0 bytes", Refused([]).Found);
    }

    [Fact]
    public void Characters_beyond_a_byte_are_no_picture()
    {
        using var folder = new TempFolder();
        using var set = Read(folder, new Pickle().Raw("](c_codecs\nencode\n(").Text(new string('€', 30)).Text("latin1")
            .Raw("tRU\x01xe](\x88" + "e\x86").End());
        Assert.Equal("U+20AC", Assert.Throws<DataSetException>(() => set.Images[0].Read()).Found);
    }

    [Fact]
    public void An_empty_picture_is_refused_when_it_is_read()
    {
        using var folder = new TempFolder();
        using var set = Read(folder, new Pickle().Raw("](U\x00U\x01xe](\x88" + "e\x86").End());
        Assert.Equal("0 bytes", Assert.Throws<DataSetException>(() => set.Images[0].Read()).Found);
    }

    [Fact]
    public void A_thousand_labels_to_a_batch_are_no_limit()
    {
        using var folder = new TempFolder();
        const int Batch = 1000;
        var pickle = new Pickle().Raw("]");
        for (var i = 0; i < 12; i++) pickle.Raw("(").Raw("U\u0003abc", Batch).Raw("e");
        pickle.Raw("]");
        for (var i = 0; i < 6; i++) pickle.Raw("(").Raw(i % 2 == 0 ? "\x88" : "\x89", Batch).Raw("e");
        using var set = Read(folder, pickle.Raw("\x86").End());
        Assert.Equal((12 * Batch, 6 * Batch, 3 * Batch), (set.Images.Count, set.Pairs.Count, set.Pairs.Count(p => p.Same)));
    }

    [Theory, MemberData(nameof(Pickles))]
    public void Cut_files_are_refused(string name)
    {
        using var folder = new TempFolder();
        var whole = BinPickles.Of(name);
        for (var length = 0; length < whole.Length; length++) Assert.Throws<DataSetException>(() => Read(folder, whole[..length]));
    }

    [Theory, MemberData(nameof(Pickles))]
    public void Changed_bytes_are_refused_or_read(string name)
    {
        using var folder = new TempFolder();
        var random = new Random(20251);
        var whole = BinPickles.Of(name);
        var read = 0;
        for (var i = 0; i < 600; i++)
        {
            var changed = whole.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
                changed[random.Next(changed.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "](Retqbh\x80\x85\x86\x94."[random.Next(13)]);
            if (Survives(folder.Write("a.bin", changed))) read++;
        }
        Assert.InRange(read, 1, 599);
    }

    [Fact]
    public void Random_opcodes_are_refused_or_read()
    {
        using var folder = new TempFolder();
        var random = new Random(20252);
        string[] words =
        [
            "]", "(", "t", "\x85", "\x86", "\x87", "N", "\x88", "\x89", "K\x00", "K\x01", "U\x01x", "C\x01x",
            "B\x01\x00\x00\x00x", "\x8e\x01\x00\x00\x00\x00\x00\x00\x00x",
            "\x96\xff\xff\x00\x00\x00\x00\x00\x00", "U\x02u1", "X\x02\x00\x00\x00" + "b1",
            "cnumpy\ndtype\n", "cnumpy\nndarray\n", "cnumpy.core.multiarray\n_reconstruct\n", "cnumpy.core.multiarray\nscalar\n",
            "cnumpy.core.numeric\n_frombuffer\n", "c_codecs\nencode\n",
            "q\x00", "h\x00", "\x94", "R", "a", "e", "s", "b", "Q", "\x86.", ".",
        ];
        var read = 0;
        for (var i = 0; i < 4000; i++)
        {
            var pickle = i % 2 == 0 ? new Pickle() : new Pickle().Raw("](U\x01xU\x01ye](");
            for (var n = random.Next(12); n > 0; n--) pickle.Raw(words[random.Next(words.Length)]);
            if (Survives(folder.Write("a.bin", pickle.Raw(i % 4 == 1 ? "\x88" + "e\x86" : "").End()))) read++;
        }
        Assert.InRange(read, 1, 3999);
    }

    // Within the memory that the file's size allows, and with no error but the one.
    static bool Survives(string path)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var set = BinFile.Read(path);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * new FileInfo(path).Length + (3 << 20));
            foreach (var image in set.Images)
            {
                try
                {
                    image.Read();
                }
                catch (DataSetException)
                {
                }
            }
            return true;
        }
        catch (DataSetException)
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * new FileInfo(path).Length + (3 << 20));
            return false;
        }
    }
}
