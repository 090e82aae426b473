using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

public sealed class AnnotatedPicturesTests : IDisposable
{
    readonly TempFolder _folder = new();

    public AnnotatedPicturesTests()
    {
        Directory.CreateDirectory(_folder["0--Parade"]);
        foreach (var name in (string[])["a.jpg", "b.jpg", "c.webp", "0--Parade/d.jpg"]) _folder.Write(name, [1]);
    }

    public void Dispose() => _folder.Dispose();

    AnnotatedPictures Read(string text, bool strict = false)
    {
        File.WriteAllText(_folder["list.txt"], text);
        return AnnotatedPictures.Read(_folder["list.txt"], options: new() { Strict = strict });
    }

    static readonly FaceBox Box = new(1, 2, 31.5f, 42);

    [Fact]
    public void Json_lines_hold_boxes_points_ignored_faces_and_fields()
    {
        var read = Read("""
            {"file": "a.jpg", "width": 200, "height": 100, "boxes": [[1, 2, 31.5, 42, "masked"], [5, 5, 9, 9]], "ignored": [[5, 5, 6, 6]], "set": "test"}

            {"file": "b.jpg", "points": [[10, 10, 20, 10.5, 15, 16, 15, 22]], "light": "dark"}
            {"file": "c.webp"}
            """, strict: true);
        Assert.Equal(("JSON lines", 0L), (read.Format, read.Problems.Total));
        Assert.Equal(["a.jpg", "b.jpg", "c.webp"], read.Pictures.Select(p => p.Image.Name));
        var a = read.Pictures[0];
        Assert.Equal((Box, "masked", (200, 100), "test"), (a.Faces[0].Box!.Value, a.Faces[0].Label, a.Size!.Value, a.Fields["set"]));
        Assert.Equal([false, false, true], a.Faces.Select(f => f.IsIgnored));
        var b = read.Pictures[1];
        Assert.Equal(new FacePoints(new(10, 10), new(20, 10.5f), new(15, 16), new(15, 22)), Assert.Single(b.Faces).Points);
        Assert.Equal(("dark", null), (b.Fields["light"], b.Size));
        Assert.Empty(read.Pictures[2].Faces);
    }

    [Fact]
    public void Csv_has_a_line_for_each_face_and_columns_in_any_order()
    {
        var read = Read("""
            set,Right,bottom,LEFT,top,file,label,ignored,width,height
            test,31.5,42,1,2,a.jpg,"masked, half",0,200,100
            test,9,9,5,5,a.jpg,,1,,
            train,,,,,b.jpg,,,,
            ,31.5,42,1,2,0--Parade\d.jpg,,,,
            """, strict: true);
        Assert.Equal("CSV of faces", read.Format);
        Assert.Equal([("a.jpg", 2, "test"), ("b.jpg", 0, "train"), ("0--Parade/d.jpg", 1, null)],
            read.Pictures.Select(p => (p.Image.Name, p.Faces.Count, p.Fields.GetValueOrDefault("set"))));
        var a = read.Pictures[0];
        Assert.Equal((Box, "masked, half", true, (200, 100)), (a.Faces[0].Box!.Value, a.Faces[0].Label, a.Faces[1].IsIgnored, a.Size!.Value));
        var points = Read("image,leftEyeX,leftEyeY,rightEyeX,rightEyeY,noseX,noseY,mouthX,mouthY\na.jpg,10,10,20,10.5,15,16,15,22\n", strict: true);
        Assert.Equal(new FacePoints(new(10, 10), new(20, 10.5f), new(15, 16), new(15, 22)), points.Pictures[0].Faces[0].Points);
        var both = Read("""
            image,left,top,right,bottom,leftEyeX,leftEyeY,rightEyeX,rightEyeY,noseX,noseY,mouthX,mouthY
            a.jpg,1,2,31.5,42,10,10,20,10,15,16,15,22
            a.jpg,1,2,31.5,42,,,,,,,,
            """, strict: true).Pictures[0];
        Assert.Equal((Box, true, null), (both.Faces[0].Box!.Value, both.Faces[0].Points is not null, both.Faces[1].Points));
    }

    [Fact]
    public void Wider_lists_have_widths_and_heights_and_mark_what_is_ignored()
    {
        var read = Read("0--Parade/d.jpg\n2\n1 2 30.5 40 0 0 0 0 1 0 \n5 5 4 4 2 0 0 1 0 0\n"
            + "a.jpg\n0\n0 0 0 0 0 0 0 0 0 0\nb.jpg\n0\nc.jpg\n1\n1 2 30.5 40\n");
        Assert.Equal(("WIDER FACE's list", 0L), (read.Format, read.Problems.Total));
        // c.jpg is c.webp on the disk.
        Assert.Equal([("0--Parade/d.jpg", 2), ("a.jpg", 0), ("b.jpg", 0), ("c.webp", 1)], read.Pictures.Select(p => (p.Image.Name, p.Faces.Count)));
        Assert.Equal((Box, false, true), (read.Pictures[0].Faces[0].Box!.Value, read.Pictures[0].Faces[0].IsIgnored,
            read.Pictures[0].Faces[1].IsIgnored));
        var empty = Read("a.jpg\n2\n1 2 30 40 0 0 0 0 0 0\n5 5 0 4 0 0 0 1 0 0\n");
        Assert.Single(Assert.Single(empty.Pictures).Faces);
        Assert.Contains("no area", Assert.Single(empty.Problems).Text);
    }

    public static TheoryData<string, string> BadJson => new()
    {
        { """{"file": "a.jpg", "boxes": [[1, 2, 3]]}""", "4 numbers" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, 4, "x", "y"]]}""", "4 numbers" },
        { """{"file": "a.jpg", "boxes": [[3, 2, 1, 4]]}""", "without area" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, 2]]}""", "without area" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, 1e39]]}""", "no number within" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, 1e999]]}""", "no number within" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, 2e6]]}""", "no number within" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, NaN]]}""", "JSON" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, "4"]]}""", "no number" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, null]]}""", "no number" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, 4, 5]]}""", "label" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, 4, "\u001b[31m"]]}""", "label" },
        { """{"file": "a.jpg", "boxes": [[1, 2, 3, 4, "\ud800"]]}""", "JSON object" },
        { """{"file": "a.jpg", "boxes": [[[1], 2, 3, 4]]}""", "JSON" },
        { """{"file": "a.jpg", "boxes": {}}""", "is a list" },
        { """{"file": "a.jpg", "box": [[1, 2, 3, 4]]}""", "box is a text" },
        { """{"file": "a.jpg", "points": [[1, 2, 3, 4]]}""", "8 numbers" },
        { """{"file": "a.jpg", "points": [[10, 10, 10, 10, 15, 16, 15, 22]]}""", "both eyes" },
        { """{"file": "a.jpg", "width": 100}""", "width without height" },
        { """{"file": "a.jpg", "width": 0, "height": 5}""", "width" },
        { """{"file": "a.jpg", "width": 1.5, "height": 5}""", "width" },
        { """{"file": "a.jpg", "boxes": [], "boxes": [[1, 2, 3, 4]]}""", "JSON" },
        { """{"file": "a.jpg" "boxes": []}""", "JSON" },
        { """{"file": 5}""", "it has a text 'file'" },
        { """{"boxes": []}""", "it has a text 'file'" },
        { """["a.jpg"]""", "it has a text 'file'" },
        { """{"file": "../a.jpg"}""", "no file inside" },
        { """{"file": "/etc/passwd"}""", "no file inside" },
        { """{"file": "a\nb.jpg"}""", "text as file" },
        { """{"file": "missing.jpg"}""", "is not in" },
        { """{"file": "b.jpg", "boxes": [[1, 2, 3, 4]]}""", "listed before" },
    };

    [Theory, MemberData(nameof(BadJson))]
    public void A_line_of_json_that_cannot_be_used_is_reported_and_its_picture_left_out(string line, string says)
    {
        // The last line keeps its picture unless the bad one names it too.
        var text = "{\"file\": \"c.webp\"}\n" + (says == "listed before" ? "{\"file\": \"b.jpg\"}\n" : "") + line + "\n";
        var read = Read(text);
        Assert.Equal(["c.webp"], read.Pictures.Select(p => p.Image.Name));
        var problem = Assert.Single(read.Problems);
        Assert.Contains(says, problem.Text);
        Assert.EndsWith($"line {text.Split('\n').Length - 1}", problem.Place);
        Assert.Throws<DataSetException>(() => Read(text, strict: true));
    }

    [Theory]
    [InlineData("a.jpg,1,2,3", "6 fields")]
    [InlineData(",1,2,3,4,", "with a picture")]
    [InlineData("a.jpg,1,2,3,x,", "'x' is no number")]
    [InlineData("a.jpg,1,2,3,NaN,", "no number within")]
    [InlineData("a.jpg,1,2,3,Infinity,", "no number within")]
    [InlineData("a.jpg,1,2,3,,", "'' is no number")]
    [InlineData("a.jpg,4,2,3,4,", "without area")]
    [InlineData("a.jpg,-4,-2,-5,-1,", "without area")]
    [InlineData("a.jpg,,,,,masked", "label without")]
    [InlineData("../a.jpg,1,2,3,4,", "no file inside")]
    [InlineData("missing.jpg,1,2,3,4,", "is not in")]
    [InlineData("\"a.jpg,1,2,3,4,", "6 fields")]
    public void A_line_of_csv_that_cannot_be_used_leaves_its_picture_out_and_all_its_faces(string line, string says)
    {
        var read = Read($"image,left,top,right,bottom,label\nb.jpg,1,2,3,4,\na.jpg,5,6,7,8,\n{line}\na.jpg,9,9,10,10,\n");
        Assert.Contains(says, Assert.Single(read.Problems).Text);
        Assert.EndsWith("line 4", read.Problems[0].Place);
        string[] expected = line.StartsWith("a.jpg", StringComparison.Ordinal) ? ["b.jpg"] : ["b.jpg", "a.jpg"];
        Assert.Equal(expected, read.Pictures.Select(p => p.Image.Name));
    }

    [Fact]
    public void Lines_of_one_picture_that_contradict_each_other_leave_it_out()
    {
        var read = Read("""
            image,left,top,right,bottom,set,width,height,ignored
            a.jpg,1,2,3,4,test,10,10,0
            a.jpg,1,2,3,4,train,,,
            b.jpg,1,2,3,4,,10,10,
            b.jpg,1,2,3,4,,10,11,
            c.webp,1,2,3,4,,,,2
            0--Parade/d.jpg,1,2,3,4,,,,
            """);
        Assert.Equal(["0--Parade/d.jpg"], read.Pictures.Select(p => p.Image.Name));
        Assert.Collection(read.Problems, p => Assert.StartsWith("set is 'train' here and 'test'", p.Text),
            p => Assert.StartsWith("the picture is 10 x 11 here and 10 x 10", p.Text), p => Assert.StartsWith("ignored is 1 or 0, not '2'", p.Text));
    }

    [Theory]
    [InlineData("a.jpg\n2\n1 2 3 4\n", "2 faces are announced, 1 are listed")]
    [InlineData("a.jpg\n1\n1 2 3 4\n1 2 3 4\n", "1 faces are announced, 2 are listed")]
    [InlineData("a.jpg\n", "no number of faces")]
    [InlineData("a.jpg\n99999999999\n", "expected the number of faces")]
    [InlineData("a.jpg\n-1\n", "expected the number of faces")]
    [InlineData("a.jpg\n1\n1 2 3\n", "4 or 10 numbers")]
    [InlineData("a.jpg\n1\n1 2 x 4\n", "'x' is no number")]
    [InlineData("a.jpg\n1\n1 2 NaN 4\n", "no number within")]
    [InlineData("a.jpg\n1\n1 2 -3 4\n", "without area")]
    [InlineData("a.jpg\n1\n1 2 0 4 0 0 0 0 0 0\n", "without area")]
    [InlineData("a.jpg\n0\n1 2 3 4\n", "0 faces are announced")]
    [InlineData("missing.jpg\n1\n1 2 3 4\n", "is not in")]
    [InlineData("../a.jpg\n1\n1 2 3 4\n", "no file inside")]
    public void A_part_of_a_wider_list_that_cannot_be_used_leaves_its_picture_out(string part, string says)
    {
        var read = Read($"b.jpg\n1\n1 2 3 4\n{part}c.webp\n1\n1 2 3 4\n");
        Assert.Equal(["b.jpg", "c.webp"], read.Pictures.Select(p => p.Image.Name));
        Assert.Contains(read.Problems, p => p.Text.Contains(says, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    [InlineData("image,left,top,width,height\na.jpg,1,2,3,4\n")]
    [InlineData("image,score\na.jpg,1\n")]
    [InlineData("left,top,right,bottom\n1,2,3,4\n")]
    [InlineData("image,left,top,right,bottom,left\na.jpg,1,2,3,4,5\n")]
    [InlineData("image,left,top,right,bottom,width\na.jpg,1,2,3,4,5\n")]
    [InlineData("hello\n")]
    [InlineData("{\"file\": \"missing.jpg\"}\n")]
    [InlineData("{\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("missing.jpg\n0\n")]
    public void Other_files_and_lists_without_a_usable_picture_are_refused(string text)
        => Assert.Equal(_folder["list.txt"], Assert.Throws<DataSetException>(() => Read(text)).File);

    [Fact]
    public void Pictures_may_lie_elsewhere_and_what_is_not_there_is_told()
    {
        Directory.CreateDirectory(_folder["lists"]);
        File.WriteAllText(_folder["lists/x.jsonl"], "{\"file\": \"a.jpg\"}\n");
        Assert.Single(AnnotatedPictures.Read(_folder["lists/x.jsonl"], _folder.Path).Pictures);
        Assert.Throws<DataSetException>(() => AnnotatedPictures.Read(_folder["lists/x.jsonl"]));
        Assert.Contains("no such folder",
            Assert.Throws<DataSetException>(() => AnnotatedPictures.Read(_folder["lists/x.jsonl"], _folder["nowhere"])).Message);
        Assert.Contains("no such file", Assert.Throws<DataSetException>(() => AnnotatedPictures.Read(_folder["nowhere.csv"])).Message);
    }

    [Fact]
    public void Damaged_lists_never_end_in_anything_but_a_data_set_exception()
    {
        byte[][] lists =
        [
            """
            {"file": "a.jpg", "width": 200, "height": 100, "boxes": [[1, 2, 31.5, 42, "m"]], "set": "test"}
            {"file": "b.jpg", "points": [[10, 10, 20, 10.5, 15, 16, 15, 22]]}
            """u8.ToArray(),
            "image,left,top,right,bottom,set,ignored\na.jpg,1,2,3,4,test,1\nb.jpg,,,,,\"x\",\n"u8.ToArray(),
            "0--Parade/d.jpg\n2\n1 2 30.5 40 0 0 0 0 1 0\n5 5 4 4 2 0 0 1 0 0\na.jpg\n0\n0 0 0 0 0 0 0 0 0 0\n"u8.ToArray(),
        ];
        const string Likely = " ,\n[]{}\"-e9.0";
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 3000; i++)
        {
            var bytes = lists[i % lists.Length].ToArray();
            for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256)
                : (byte)Likely[random.Next(Likely.Length)];
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            _folder.Write("list.txt", bytes);
            try
            {
                var read = AnnotatedPictures.Read(_folder["list.txt"]);
                DetectionProtocol.Evaluate([.. read.Pictures.Select(p => new DetectionPicture(p.Faces, []))], bootstrap: new(100));
            }
            catch (DataSetException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1, 2999);
    }
}
