using System.Text.Json;
using EdgeFace.Files;
using EdgeFace.Weights;

namespace EdgeFace.Gallery;

/// <summary>What an import did.</summary>
/// <param name="Added">People, samples and crops added.</param>
/// <param name="Present">People of the export who were in the gallery already: an earlier run of the import was interrupted, or others enrolled
/// them. Samples that they lacked count as added.</param>
/// <param name="Problems">People who were refused, a sentence each; nothing of them was added.</param>
public sealed record ImportReport(ExchangeCounts Added, long Present, IReadOnlyList<string> Problems)
{
    /// <summary>What should be looked at, a sentence each: an external key that belongs to somebody of another name.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Adds what <see cref="GalleryExport"/> wrote to a gallery of the same contract.</summary>
public static class GalleryImport
{
    const int MostHeaderBytes = 1 << 20, MostSamples = 1000;

    /// <summary>As the other, into a gallery that is at hand.</summary>
    /// <param name="gallery">Where to. It gives people and samples numbers of its own.</param>
    /// <param name="folder">The export.</param>
    /// <param name="progress">Is told how many people are dealt with.</param>
    /// <param name="cancellation">Stops; what was added stays.</param>
    /// <exception cref="GalleryContractException">The export is of another contract; nothing was added.</exception>
    /// <exception cref="GalleryException">There is no export, or it is damaged, or the disk is full; whom it named before stays added.</exception>
    public static ImportReport Read(IGallery gallery, string folder, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        return Read(folder, gallery.Contract, () => gallery, default, progress, cancellation);
    }

    /// <summary>
    /// Adds the people of an export, each who is new with all samples or not at all. Who is there already, by the external key or else by name and
    /// time of creation, is not added twice and gets the samples that they lack one by one, so an import that was
    /// interrupted is simply started again.
    /// </summary>
    /// <param name="folder">The export. Links and special files in it are refused.</param>
    /// <param name="contract">What the gallery is, or will be, bound to.</param>
    /// <param name="gallery">Opens or creates the gallery, and is asked once: for the first person who can be added.</param>
    /// <param name="options">How strictly.</param>
    /// <param name="progress">Is told how many people are dealt with.</param>
    /// <param name="cancellation">Stops; what was added stays.</param>
    /// <exception cref="GalleryContractException">The export is of another contract; nothing was added.</exception>
    /// <exception cref="GalleryException">There is no export, or it is damaged; whom it named before stays added.</exception>
    public static ImportReport Read(string folder, EmbeddingContract contract, Func<IGallery> gallery, ImportOptions options,
        IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(gallery);
        try
        {
            var header = ReadHeader(folder);
            if (header.Contract != contract) throw new GalleryContractException($"the export {folder}", header.Contract, contract);
            var opened = new Lazy<IGallery>(gallery, LazyThreadSafetyMode.None);
            return Read(opened, folder, header, options, progress, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GalleryException($"{folder}: the export cannot be read: {e.Message}", e);
        }
    }

    static ExportHeader ReadHeader(string folder)
    {
        if (!Path.Exists(Path.Combine(folder, GalleryExport.HeaderFile)))
            throw new GalleryException($"{folder} is no export of a gallery: it has no {GalleryExport.HeaderFile}");
        var path = ExportFile.Require(folder, GalleryExport.HeaderFile, MostHeaderBytes);
        var header = Parse(File.ReadAllBytes(path), path, ExportJson.Default.ExportHeader);
        if (header.Format != ExportHeader.FormatName)
            throw Unreadable($"says that the folder's format is '{header.Format}', not '{ExportHeader.FormatName}'");
        if (header.Version is < 1 or > ExportHeader.LastVersion)
            throw Unreadable($"has version {header.Version}; this EdgeFace reads up to {ExportHeader.LastVersion}");
        if (header.RowsPerFile < 1 || header.Contract is not { Dimension: > 0 }) throw Unreadable("lacks the contract or the rows of a file");
        return header;

        GalleryException Unreadable(string why) => new($"{path} {why}") { Kind = ErrorKind.Input };
    }

    static ImportReport Read(Lazy<IGallery> gallery, string folder, ExportHeader header, ImportOptions options,
        IProgress<long>? progress, CancellationToken cancellation)
    {
        long persons = 0, samples = 0, crops = 0, present = 0, seen = 0;
        List<string> problems = [], warnings = [];
        // Two people of the export may have one name and one moment; each is somebody of the gallery's.
        HashSet<long> met = [];
        using var rows = new ExportedRows(folder, header);
        using var lines = new ExportedLines(ExportFile.Require(folder, GalleryExport.PeopleFile));
        for (; lines.Next() is { } line; progress?.Report(seen))
        {
            seen++;
            cancellation.ThrowIfCancellationRequested();
            var person = ExportedLine(line.Span, $"{lines.Path}, line {lines.Number}");
            if (Tried(() => Brought(person, folder, rows, header.Contract, options)) is not (var given, var brought)) continue;
            var into = gallery.Value;
            if (Tried(() => Enrolled(into, given, brought)) is not (var isNew, var enrolled)) continue;
            if (isNew) persons++; else present++;
            samples += enrolled.Count;
            crops += enrolled.Count(e => e.Sample.HasCrop);
        }
        if (seen != header.Persons)
            throw new ExportDamagedException($"{Path.Combine(folder, GalleryExport.PeopleFile)} has {seen} people, "
                + $"{GalleryExport.HeaderFile} says {header.Persons}: the export is incomplete. What it holds was added");
        return new(new(persons, samples, crops), present, problems) { Warnings = warnings };

        // A person who is refused is told, and the others go on.
        (TFirst, TSecond)? Tried<TFirst, TSecond>(Func<(TFirst, TSecond)> work)
        {
            try
            {
                return work();
            }
            catch (GalleryException e) when (e is not ExportDamagedException && e.Kind != ErrorKind.Machine)
            {
                problems.Add($"line {lines.Number}: {e.Message}");
                return null;
            }
        }

        (bool IsNew, IReadOnlyList<Enrolment> Enrolled) Enrolled(IGallery into, NewPerson given, List<NewSample> brought)
        {
            var how = new EnrolOptions { Strict = options.Strict };
            if (Find(into, given, met) is not { } found)
            {
                var added = brought.Count > 0 ? into.Enrol(given, brought, how) : [];
                met.Add(added.Count > 0 ? added[0].Person.Id : into.AddPerson(given).Id);
                return (true, added);
            }
            met.Add(found.Id);
            if (options.Strict) GalleryRules.RequireSameName(found, given);
            var enrolled = Complete(into, found, brought, how);
            if (found.Name != given.Name)
                warnings.Add($"line {lines.Number}: the external key '{given.ExternalKey}' belongs to {found.Name} ({found.Id}): "
                    + $"what the export has of '{given.Name}' is that person's now");
            return (false, enrolled);
        }
    }

    static (NewPerson Person, List<NewSample> Samples) Brought(
        ExportedPerson person, string folder, ExportedRows rows, EmbeddingContract contract, ImportOptions options)
    {
        var given = GalleryRules.Accepted(
            new(person.Name) { ExternalKey = person.ExternalKey, Metadata = person.Metadata, Created = person.Created });
        var brought = new List<NewSample>();
        foreach (var sample in person.Samples.Select(s => Brought(s, folder, rows, options)))
            // Somebody made of two may have one image twice.
            if (brought.TrueForAll(other => !GalleryRules.IsSameImage(other, sample))) brought.Add(sample);
        foreach (var sample in brought) GalleryRules.Require(sample, contract);
        return (given, brought);
    }

    static ExportedPerson ExportedLine(ReadOnlySpan<byte> line, string place)
    {
        var person = Parse(line, place, ExportJson.Default.ExportedPerson);
        if (person.Name is null || person.Samples is null) throw new ExportDamagedException($"{place}: a person needs a name and a list of samples");
        if (person.Samples.Count > MostSamples)
            throw new ExportDamagedException($"{place}: a person has {MostSamples} samples at most, not {person.Samples.Count}");
        if (person.Samples.Contains(null!)) throw new ExportDamagedException($"{place}: a sample is null");
        if (person.Samples.DistinctBy(s => s.Id).Count() != person.Samples.Count)
            throw new ExportDamagedException($"{place}: two samples have one number");
        return person;
    }

    static Person? Find(IGallery gallery, NewPerson person, HashSet<long> met)
    {
        bool IsThat(Person p) => p.ExternalKey is null && Math.Abs((p.Created - person.Created!.Value).TotalMilliseconds) < 1 && !met.Contains(p.Id);
        return person.ExternalKey is { } key ? gallery.FindPerson(key) : gallery.PersonsNamed(person.Name).FirstOrDefault(IsThat);
    }

    /// <summary>Enrols what somebody lacks who is in the gallery already.</summary>
    static List<Enrolment> Complete(IGallery gallery, Person person, List<NewSample> samples, EnrolOptions how)
    {
        var stored = gallery.Samples(person.Id).Select(s => gallery.EmbeddingOf(s.Id)).OfType<Embedding>().ToList();
        var enrolled = new List<Enrolment>();
        foreach (var sample in samples)
            if (stored.TrueForAll(s => s.Score(sample.Embedding) < GalleryRules.SameImage)) enrolled.Add(gallery.Enrol(person.Id, sample, how));
        return enrolled;
    }

    static NewSample Brought(ExportedSample sample, string folder, ExportedRows rows, ImportOptions options) => new(rows[sample.Row])
    {
        Source = sample.Source, SourceSha256 = sample.SourceSha256, Quality = sample.Quality ?? new(), Created = sample.Created,
        Crop = sample.Crop ? Crop(folder, GalleryExport.CropFile(sample.Id), options) : null,
    };

    static byte[] Crop(string folder, string name, ImportOptions options)
    {
        try
        {
            var crop = File.ReadAllBytes(ExportFile.Require(folder, name, NewSample.MostCropBytes));
            CropRules.Require(crop);
            options.VerifyCrop?.Invoke(crop);
            return crop;
        }
        catch (ExportDamagedException e)
        {
            throw new GalleryException(e.Message, e);
        }
        catch (EdgeFaceException e)
        {
            throw new GalleryException($"{Path.Combine(folder, name)}: {e.Message}", e);
        }
    }

    static T Parse<T>(ReadOnlySpan<byte> json, string place, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new ExportDamagedException($"{place}: an object is expected");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ExportDamagedException($"{place}: {JsonFault.Of(e)}", e);
        }
    }
}
