using System.Globalization;

namespace EdgeFace.Evaluation.Data;

/// <summary>
/// Reads IJB-B and IJB-C in the layout of InsightFace's evaluation (github.com/deepinsight/insightface, recognition/_evaluation_/ijb):
/// <c>loose_crop/</c> with the pictures, and in <c>meta/</c>, for X of <c>ijbb</c> or <c>ijbc</c>, <c>X_face_tid_mid.txt</c>
/// ("1.jpg template media"), <c>X_name_5pts_score.txt</c> ("1.jpg", ten coordinates, detector score), <c>X_template_pair_label.txt</c>
/// ("template template 1"), and <c>X_1N_gallery_G1.csv</c>, <c>X_1N_gallery_G2.csv</c> (S1 and S2 in IJB-B) and <c>X_1N_probe_mixed.csv</c>
/// (first line names, then template,person and more). The first two lists must be there.
/// </summary>
public static class IjbFolder
{
    /// <summary>Reads the data set below <paramref name="folder"/>, the one that holds <c>meta</c> and <c>loose_crop</c>.</summary>
    /// <exception cref="DataSetException">No such file or folder, another format, nothing usable, or a problem in strict reading.</exception>
    public static DataSet Read(string folder, DataSetOptions? options = null)
    {
        options ??= DataSetOptions.Default;
        var meta = Path.Combine(folder, "meta");
        var name = ((string[])["ijbc", "ijbb"]).FirstOrDefault(n => File.Exists(Path.Combine(meta, n + "_face_tid_mid.txt")))
            ?? throw new DataSetException(folder, null, "meta/ijbc_face_tid_mid.txt or meta/ijbb_face_tid_mid.txt", "neither");
        var reader = new Reader(folder, options, Path.Combine(meta, name));
        var (images, templates, ofTemplates, listed) = reader.Images();
        var protocol = new TemplateProtocol([.. templates], ofTemplates, listed)
        {
            Pairs = reader.Pairs(templates),
            Gallery1 = reader.People(["_1N_gallery_G1.csv", "_1N_gallery_S1.csv"], templates),
            Gallery2 = reader.People(["_1N_gallery_G2.csv", "_1N_gallery_S2.csv"], templates),
            Probes = reader.People(["_1N_probe_mixed.csv"], templates),
        };
        reader.Problems.ThrowIfStrict(options, folder);
        if (images.Count == 0)
            throw new DataSetException(folder, null, "images in loose_crop",
                reader.Problems.Count == 0 ? "none" : $"none, and {reader.Problems.Total} problems, the first: {reader.Problems[0]}");
        return new(folder, name == "ijbc" ? "IJB-C" : "IJB-B", images, reader.Problems)
        {
            Templates = protocol,
            Benchmark = name == "ijbc" ? Benchmark.IjbC : Benchmark.IjbB,
        };
    }

    sealed class Reader(string folder, DataSetOptions options, string prefix)
    {
        public DataProblems Problems { get; } = new();

        public (List<DataImage> Images, SortedSet<int> Templates, List<TemplateImage> OfTemplates, int Listed) Images()
        {
            var faces = Faces(prefix + "_name_5pts_score.txt");
            var finder = new FileFinder(Path.Combine(folder, "loose_crop"), options.Extensions);
            var images = new List<DataImage>();
            var indices = new Dictionary<string, int>(StringComparer.Ordinal);
            var templates = new SortedSet<int>();
            var ofTemplates = new List<TemplateImage>();
            var listed = 0;
            var list = prefix + "_face_tid_mid.txt";
            foreach (var line in TextLines.Of(list, "IJB's list of images, templates and media"))
            {
                var words = Words(line.Text);
                if (words is not [var name, var t, var m] || Number(t) is not { } template || Number(m) is not { } media)
                {
                    Malformed(list, line, "an image, a template and a media");
                    continue;
                }
                if (!indices.TryGetValue(name, out var image))
                {
                    image = Find(name, $"{list} line {line.Number}");
                    indices.Add(name, image);
                }
                templates.Add(template);
                listed++;
                if (image >= 0) ofTemplates.Add(new(image, template, media));
            }
            return (images, templates, ofTemplates, listed);

            int Find(string listedName, string place)
            {
                if (!faces.TryGetValue(listedName, out var face))
                    Problems.Add(DataProblemKind.WrongCount, place, $"no landmarks are listed for '{listedName}'");
                finder.Find(listedName, out var found, out var path);
                if (found is null) Problems.Add(DataProblemKind.MalformedLine, place, $"'{listedName}' is no file inside loose_crop");
                else if (path is null) Problems.Add(DataProblemKind.MissingFile, place, $"'{found}' is not in loose_crop");
                if (path is null) return -1;
                images.Add(new FileImage(found!, null, path) { Face = face });
                return images.Count - 1;
            }
        }

        Dictionary<string, DataFace> Faces(string list)
        {
            var faces = new Dictionary<string, DataFace>(StringComparer.Ordinal);
            foreach (var line in TextLines.Of(list, "IJB's list of landmarks and scores"))
            {
                var words = Words(line.Text);
                var numbers = new float[Math.Min(11, words.Length)];
                var good = words.Length == 12;
                for (var i = 0; good && i < numbers.Length; i++)
                    good = float.TryParse(words[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                        && float.IsFinite(numbers[i]);
                if (!good || !faces.TryAdd(words[0], new(numbers[..10], numbers[10])))
                    Malformed(list, line, "a new image, ten coordinates and a score");
            }
            return faces;
        }

        public List<TemplatePair> Pairs(SortedSet<int> sorted)
        {
            var pairs = new List<TemplatePair>();
            var templates = sorted.ToHashSet();
            var list = prefix + "_template_pair_label.txt";
            if (!File.Exists(list))
            {
                Problems.Add(DataProblemKind.MissingFile, list, "there are no pairs for the 1:1 protocol");
                return pairs;
            }
            Span<Range> parts = stackalloc Range[4];
            foreach (var line in TextLines.Of(list, "IJB's pairs of templates"))
            {
                var text = line.Text.AsSpan().Trim();
                if (text.SplitAny(parts, " \t", StringSplitOptions.RemoveEmptyEntries) == 3
                    && Number(text[parts[0]]) is { } a && Number(text[parts[1]]) is { } b && Number(text[parts[2]]) is 0 or 1
                    && templates.Contains(a) && templates.Contains(b))
                    pairs.Add(new(a, b, Number(text[parts[2]]) == 1));
                else Malformed(list, line, "two templates of the list of images, and 1 or 0");
            }
            return pairs;
        }

        public List<TemplatePerson> People(string[] names, SortedSet<int> templates)
        {
            var people = new List<TemplatePerson>();
            var personOf = new Dictionary<int, int>();
            // IJB is often passed on without the lists of the 1:N protocol
            if (names.Select(n => prefix + n).FirstOrDefault(File.Exists) is not { } list) return people;
            var header = true;
            foreach (var line in TextLines.Of(list, "IJB's list of templates and people"))
            {
                if (header)
                {
                    header = false;
                    continue;
                }
                if (CsvLine.Fields(line.Text) is not [var t, var p, ..]
                    || Number(t) is not { } template || Number(p) is not { } person || !templates.Contains(template))
                    Malformed(list, line, "a template of the list of images, and a person");
                else if (personOf.TryAdd(template, person)) people.Add(new(template, person));
                else if (personOf[template] != person) // a line for each image of a template is usual
                    Problems.Add(DataProblemKind.ContradictoryLabel, $"{list} line {line.Number}",
                        $"template {template} is of person {personOf[template]} and of person {person}");
            }
            return people;
        }

        void Malformed(string list, TextLine line, string expected)
            => Problems.Add(DataProblemKind.MalformedLine, $"{list} line {line.Number}", $"expected {expected}, found {line.Quoted}");

        static string[] Words(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

        static int? Number(ReadOnlySpan<char> text)
            => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
