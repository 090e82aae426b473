using EdgeFace.Files;
using System.Text.Json;
using EdgeFace.Weights;

namespace EdgeFace.Gallery;

/// <summary>What an import did.</summary>
/// <param name="Added">People, samples and crops added.</param>
/// <param name="Present">People of the export who were in the gallery already: an earlier run of the import was interrupted, or others enrolled them. Samples that they lacked count as added.</param>
/// <param name="Problems">People who were refused, a sentence each; nothing of them was added.</param>
public sealed record ImportReport(ExchangeCounts Added, long Present, IReadOnlyList<string> Problems);

/// <summary>Adds what <see cref="GalleryExport"/> wrote to a gallery of the same contract.</summary>
public static class GalleryImport
{
    const int MostHeaderBytes = 1 << 20;

    /// <summary>
    /// Adds the people of an export, each with all samples or not at all. Who is there already, by the external key or else by name and time of creation, is not added twice, so an import that
    /// was interrupted is simply started again.
    /// </summary>
    /// <param name="gallery">Where to. It gives people and samples numbers of its own.</param>
    /// <param name="folder">The export.</param>
    /// <param name="progress">Is told how many people are dealt with.</param>
    /// <param name="cancellation">Stops; what was added stays.</param>
    /// <exception cref="GalleryContractException">The export is of another contract; nothing was added.</exception>
    /// <exception cref="GalleryException">There is no export, or it is damaged, or the disk is full; whom it named before stays added.</exception>
    public static ImportReport Read(IGallery gallery, string folder, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        try
        {
            var header = ReadHeader(folder);
            if (header.Contract != gallery.Contract) throw new GalleryContractException($"the export {folder}", header.Contract, gallery.Contract);
            return Read(gallery, folder, header, progress, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GalleryException($"{folder}: the export cannot be read: {e.Message}", e);
        }
    }

    static ExportHeader ReadHeader(string folder)
    {
        var path = Path.Combine(folder, GalleryExport.HeaderFile);
        if (!IsRegular(path)) throw new GalleryException($"{folder} is no export of a gallery: it has no {GalleryExport.HeaderFile}");
        if (new FileInfo(path).Length > MostHeaderBytes) throw new GalleryException($"{path} has more than {MostHeaderBytes} bytes: this is no export of a gallery") { Kind = ErrorKind.Input };
        var header = Parse(File.ReadAllBytes(path), path, ExportJson.Default.ExportHeader);
        if (header.Format != ExportHeader.FormatName) throw new GalleryException($"{path} says that the folder's format is '{header.Format}', not '{ExportHeader.FormatName}'") { Kind = ErrorKind.Input };
        if (header.Version is < 1 or > ExportHeader.LastVersion) throw new GalleryException($"{path} has version {header.Version}; this EdgeFace reads up to {ExportHeader.LastVersion}") { Kind = ErrorKind.Input };
        if (header.RowsPerFile < 1 || header.Contract is null) throw new GalleryException($"{path} lacks the contract or the rows of a file") { Kind = ErrorKind.Input };
        return header;
    }

    static ImportReport Read(IGallery gallery, string folder, ExportHeader header, IProgress<long>? progress, CancellationToken cancellation)
    {
        long persons = 0, samples = 0, crops = 0, present = 0, seen = 0;
        var problems = new List<string>();
        using var rows = new ExportedRows(folder, header);
        var people = Path.Combine(folder, GalleryExport.PeopleFile);
        if (!IsRegular(people)) throw new ExportDamagedException($"{people} is missing or no file: the export is damaged");
        using var lines = new ExportedLines(people);
        while (lines.Next() is { } line)
        {
            cancellation.ThrowIfCancellationRequested();
            var person = Parse(line.Span, $"{lines.Path}, line {lines.Number}", ExportJson.Default.ExportedPerson);
            if (person.Name is null || person.Samples is null) throw new GalleryException($"{lines.Path}, line {lines.Number}: a person needs a name and a list of samples") { Kind = ErrorKind.Input };
            try
            {
                var brought = person.Samples.Select(s => Brought(s, folder, rows)).ToList();
                var found = Find(gallery, person);
                var enrolled = found is null ? Add(gallery, person, brought) : Complete(gallery, found, brought);
                if (found is null) persons++; else present++;
                samples += enrolled.Count;
                crops += enrolled.Count(e => e.Sample.HasCrop);
            }
            catch (GalleryException e) when (e is not ExportDamagedException && e.Kind != ErrorKind.Machine)
            {
                problems.Add($"line {lines.Number}: {e.Message}");
            }
            seen++;
            progress?.Report(seen);
        }
        if (seen != header.Persons) throw new ExportDamagedException($"{lines.Path} has {seen} people, {GalleryExport.HeaderFile} says {header.Persons}: the export is incomplete. What it holds was added");
        return new(new(persons, samples, crops), present, problems);
    }

    static Person? Find(IGallery gallery, ExportedPerson person)
        => person.ExternalKey is { } key ? gallery.FindPerson(key)
            : gallery.PersonsNamed(person.Name).FirstOrDefault(p => p.ExternalKey is null && Math.Abs((p.Created - person.Created).TotalMilliseconds) < 1);

    static IReadOnlyList<Enrolment> Add(IGallery gallery, ExportedPerson person, List<NewSample> samples)
    {
        var added = new NewPerson(person.Name) { ExternalKey = person.ExternalKey, Metadata = person.Metadata, Created = person.Created };
        if (samples.Count > 0) return gallery.Enrol(added, samples);
        gallery.AddPerson(added);
        return [];
    }

    /// <summary>Enrols what somebody lacks who is in the gallery already.</summary>
    static List<Enrolment> Complete(IGallery gallery, Person person, List<NewSample> samples)
    {
        var stored = gallery.Samples(person.Id).Select(s => gallery.EmbeddingOf(s.Id)).OfType<Embedding>().ToList();
        var enrolled = new List<Enrolment>();
        foreach (var sample in samples)
            if (stored.TrueForAll(s => s.Score(sample.Embedding) < GalleryRules.SameImage)) enrolled.Add(gallery.Enrol(person.Id, sample));
        return enrolled;
    }

    static NewSample Brought(ExportedSample sample, string folder, ExportedRows rows)
    {
        byte[]? crop = null;
        if (sample.Crop)
        {
            var file = Path.Combine(folder, GalleryExport.CropFile(sample.Id));
            if (!IsRegular(file) || new FileInfo(file).Length > NewSample.MostCropBytes)
                throw new ExportDamagedException($"{file} is missing, no file or too large: the export is damaged");
            crop = File.ReadAllBytes(file);
        }
        return new(rows[sample.Row])
        {
            Source = sample.Source, SourceSha256 = sample.SourceSha256, Quality = sample.Quality ?? new(), Created = sample.Created, Crop = crop,
        };
    }

    // Opening a pipe would wait for somebody to write into it.
    static bool IsRegular(string path) => FileStatus.Of(path).Kind == FileKind.Regular;

    static T Parse<T>(ReadOnlySpan<byte> json, string place, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new ExportDamagedException($"{place}: an object is expected");
        }
        catch (JsonException e)
        {
            throw new ExportDamagedException($"{place}: {e.Message}", e);
        }
    }
}
