namespace EdgeFace.Gallery;

/// <summary>
/// People and samples of their faces, bound to one <see cref="EmbeddingContract"/>. Every change is one transaction: once a method has
/// returned, what it did survives the end of the process and the machine. Safe for any number of threads at once, and several processes may
/// use one store.
/// </summary>
/// <remarks>
/// What reads or writes the store has two forms, which do the same: one blocks its thread; one is asynchronous, as far as the store can be. A
/// call that is cancelled ends with <see cref="OperationCanceledException"/> within a tenth of a second, and its change is made as a whole or
/// not at all: nearly always not, but a change that was being stored already may be there, or come to be there soon after.
/// </remarks>
public interface IGallery : IDisposable, IAsyncDisposable
{
    /// <summary>What the gallery is bound to.</summary>
    EmbeddingContract Contract { get; }

    /// <summary>What the gallery is and how much it holds, now.</summary>
    GalleryInfo Info { get; }

    /// <summary><see cref="Info"/>, asynchronously.</summary>
    Task<GalleryInfo> GetInfoAsync(CancellationToken cancellationToken = default);

    /// <summary>Adds a person without samples.</summary>
    /// <exception cref="GalleryException">A field is too long or malformed, or the external key is taken.</exception>
    Person AddPerson(NewPerson person);

    /// <summary><see cref="AddPerson"/>, asynchronously.</summary>
    Task<Person> AddPersonAsync(NewPerson person, CancellationToken cancellationToken = default);

    /// <summary>Replaces a person's name, external key and metadata. Others may have the same name (<see cref="PersonsNamed"/>).</summary>
    /// <exception cref="GalleryException">There is no such person, or a field is refused.</exception>
    Person UpdatePerson(long personId, NewPerson person);

    /// <summary><see cref="UpdatePerson"/>, asynchronously.</summary>
    Task<Person> UpdatePersonAsync(long personId, NewPerson person, CancellationToken cancellationToken = default);

    /// <summary>The person with a number, or null.</summary>
    Person? FindPerson(long personId);

    /// <summary><see cref="FindPerson(long)"/>, asynchronously.</summary>
    Task<Person?> FindPersonAsync(long personId, CancellationToken cancellationToken = default);

    /// <summary>The person with an external key, or null.</summary>
    Person? FindPerson(string externalKey);

    /// <summary><see cref="FindPerson(string)"/>, asynchronously.</summary>
    Task<Person?> FindPersonAsync(string externalKey, CancellationToken cancellationToken = default);

    /// <summary>People in the order of their numbers, a page at a time.</summary>
    /// <param name="afterId">Only numbers above this one.</param>
    /// <param name="count">At most so many.</param>
    IReadOnlyList<Person> Persons(long afterId = 0, int count = 1000);

    /// <summary><see cref="Persons"/>, asynchronously.</summary>
    Task<IReadOnlyList<Person>> PersonsAsync(long afterId = 0, int count = 1000, CancellationToken cancellationToken = default);

    /// <summary>
    /// People of a name, in the order of their numbers: compared in the form in which names are stored (<see cref="NewPerson.Name"/>), so
    /// neither composition of characters nor white space matters, but letter case does.
    /// </summary>
    IReadOnlyList<Person> PersonsNamed(string name);

    /// <summary><see cref="PersonsNamed"/>, asynchronously.</summary>
    Task<IReadOnlyList<Person>> PersonsNamedAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>The samples of a person in the order of their numbers; none if there is no such person.</summary>
    IReadOnlyList<Sample> Samples(long personId);

    /// <summary><see cref="Samples"/>, asynchronously.</summary>
    Task<IReadOnlyList<Sample>> SamplesAsync(long personId, CancellationToken cancellationToken = default);

    /// <summary>The stored crop of a sample, an encoded picture, or null.</summary>
    byte[]? Crop(long sampleId);

    /// <summary><see cref="Crop"/>, asynchronously.</summary>
    Task<byte[]?> CropAsync(long sampleId, CancellationToken cancellationToken = default);

    /// <summary>The embedding of a sample, as exact as it is stored (16-bit floats in the space of the head), or null.</summary>
    Embedding? EmbeddingOf(long sampleId);

    /// <summary><see cref="EmbeddingOf"/>, asynchronously.</summary>
    Task<Embedding?> EmbeddingOfAsync(long sampleId, CancellationToken cancellationToken = default);

    /// <summary>Whether a picture is the source of a sample already.</summary>
    /// <param name="sourceSha256">SHA-256 of its bytes, lower-case hexadecimal.</param>
    bool ContainsSource(string sourceSha256);

    /// <summary><see cref="ContainsSource"/>, asynchronously.</summary>
    Task<bool> ContainsSourceAsync(string sourceSha256, CancellationToken cancellationToken = default);

    /// <summary>Enrols a sample for a person.</summary>
    /// <exception cref="ContractMismatchException">The embedding was made otherwise than the gallery's.</exception>
    /// <exception cref="GalleryException">No such person; the person has that image already (same source hash, or an embedding that scores 0.9999
    /// or more); the person has as many samples as the gallery allows.</exception>
    Enrolment Enrol(long personId, NewSample sample, EnrolOptions options = default);

    /// <summary><see cref="Enrol(long, NewSample, EnrolOptions)"/>, asynchronously.</summary>
    Task<Enrolment> EnrolAsync(long personId, NewSample sample, EnrolOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Enrols samples for a person who is found by the external key, or added if none is given or nobody has it, in one transaction; all samples
    /// or none. A person who is found keeps name and metadata; <see cref="EnrolOptions.Strict"/> refuses another name.
    /// </summary>
    /// <exception cref="ContractMismatchException">An embedding was made otherwise than the gallery's.</exception>
    /// <exception cref="GalleryException">As above.</exception>
    IReadOnlyList<Enrolment> Enrol(NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options = default);

    /// <summary><see cref="Enrol(NewPerson, IReadOnlyList{NewSample}, EnrolOptions)"/>, asynchronously.</summary>
    Task<IReadOnlyList<Enrolment>> EnrolAsync(
        NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lets the store acknowledge many changes at once, which is faster: nothing that the calls inside do is certain before this returns, and
    /// other processes may see it later. A call inside that throws undoes only itself. If this throws, any of the changes may be missing; people
    /// and samples can be asked for and enrolled again.
    /// </summary>
    /// <param name="changes">Adds and enrols, on the thread that it is called on. It must not delete.</param>
    /// <exception cref="GalleryException">The changes could not be stored.</exception>
    void Together(Action changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        changes();
    }

    /// <summary>
    /// The people whose best samples score highest, for each probe: exact, equal to comparing every stored sample. Highest score first; of equal
    /// scores the lower person number first.
    /// </summary>
    /// <param name="probes">Embeddings of the gallery's contract.</param>
    /// <param name="count">At most so many people for each, 1 to 1000.</param>
    /// <exception cref="ContractMismatchException">A probe was made otherwise.</exception>
    IReadOnlyList<IReadOnlyList<Candidate>> Search(IReadOnlyList<Embedding> probes, int count);

    /// <summary><see cref="Search"/>, asynchronously.</summary>
    Task<IReadOnlyList<IReadOnlyList<Candidate>>> SearchAsync(
        IReadOnlyList<Embedding> probes, int count, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a person, their samples and crops, and whoever was merged into them, and clears what the store would leave behind. Of somebody who
    /// was merged into another it deletes what is kept to undo that.
    /// </summary>
    /// <returns>What was deleted; zeros if there was no such person.</returns>
    Deletion DeletePerson(long personId);

    /// <summary><see cref="DeletePerson"/>, asynchronously.</summary>
    Task<Deletion> DeletePersonAsync(long personId, CancellationToken cancellationToken = default);

    /// <summary>Deletes several people as <see cref="DeletePerson"/> does, in one transaction, and clears once.</summary>
    /// <returns>What was deleted in all; numbers of nobody are passed over.</returns>
    Deletion DeletePersons(IReadOnlyCollection<long> personIds);

    /// <summary><see cref="DeletePersons"/>, asynchronously.</summary>
    Task<Deletion> DeletePersonsAsync(IReadOnlyCollection<long> personIds, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes one person of two: the samples of the second become the first's, who keeps number, name, external key and metadata. The second is
    /// named by nothing any more, but stays in the store, with their name and what was theirs, until they or the first are deleted; until then
    /// <see cref="UndoMerge"/> brings them back, and their external key is nobody else's. Images that both have are kept twice.
    /// </summary>
    /// <param name="into">Who stays.</param>
    /// <param name="from">Who goes.</param>
    /// <returns>Who stays, with the samples of both.</returns>
    /// <exception cref="GalleryException">One of them is not there, both are one, or together they have more samples than the gallery
    /// allows.</exception>
    Person MergePeople(long into, long from);

    /// <summary><see cref="MergePeople"/>, asynchronously.</summary>
    Task<Person> MergePeopleAsync(long into, long from, CancellationToken cancellationToken = default);

    /// <summary>
    /// Brings back a person who was merged into another, with those of their samples that are still there, whoever has them now but for those
    /// that were moved one by one (<see cref="MoveSample"/>).
    /// </summary>
    /// <param name="from">Who went.</param>
    /// <returns>They.</returns>
    /// <exception cref="GalleryException">Nobody of that number was merged into another.</exception>
    Person UndoMerge(long from);

    /// <summary><see cref="UndoMerge"/>, asynchronously.</summary>
    Task<Person> UndoMergeAsync(long from, CancellationToken cancellationToken = default);

    /// <summary>Gives a sample to another person, whoever it was enrolled for or came from.</summary>
    /// <returns>The sample, as it is now.</returns>
    /// <exception cref="GalleryException">There is no such sample or person, or the person has that image already or as many samples as the gallery
    /// allows.</exception>
    Sample MoveSample(long sampleId, long toPersonId);

    /// <summary><see cref="MoveSample"/>, asynchronously.</summary>
    Task<Sample> MoveSampleAsync(long sampleId, long toPersonId, CancellationToken cancellationToken = default);

    /// <summary>Deletes one sample and its crop.</summary>
    Deletion DeleteSample(long sampleId);

    /// <summary><see cref="DeleteSample"/>, asynchronously.</summary>
    Task<Deletion> DeleteSampleAsync(long sampleId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Examines the store: its integrity, that every row can be read and belongs together, and that the search sees what is stored.
    /// </summary>
    GalleryCheck Check();

    /// <summary><see cref="Check"/>, asynchronously.</summary>
    Task<GalleryCheck> CheckAsync(CancellationToken cancellationToken = default);

    /// <summary>What was done, oldest first, a page at a time. Of deleted people it holds numbers only.</summary>
    IReadOnlyList<AuditEntry> Audit(long afterId = 0, int count = 1000);

    /// <summary><see cref="Audit"/>, asynchronously.</summary>
    Task<IReadOnlyList<AuditEntry>> AuditAsync(long afterId = 0, int count = 1000, CancellationToken cancellationToken = default);
}

/// <summary>What a gallery is and holds.</summary>
/// <param name="Store">Kind of store: <c>sqlite</c> or <c>postgresql</c>.</param>
/// <param name="Contract">What it is bound to.</param>
/// <param name="Rank">Values stored for a sample: the rank of the recogniser's head.</param>
/// <param name="Persons">People.</param>
/// <param name="Samples">Samples.</param>
/// <param name="Crops">Samples with a stored crop.</param>
/// <param name="MostSamplesPerPerson">The limit.</param>
/// <param name="SchemaVersion">Version of the store's tables.</param>
/// <param name="Encrypted">Whether names and embeddings are encrypted at rest.</param>
/// <param name="Created">When it was created, UTC.</param>
public sealed record GalleryInfo(string Store, EmbeddingContract Contract, int Rank, long Persons, long Samples, long Crops,
    int MostSamplesPerPerson, int SchemaVersion, bool Encrypted, DateTimeOffset Created);

/// <summary>How a sample is enrolled.</summary>
public readonly record struct EnrolOptions
{
    /// <summary>Report the other person whom the sample resembles most if the score reaches this cosine; null does not look.</summary>
    public double? ResemblanceThreshold { get; init; }

    /// <summary>
    /// Refuse what is told otherwise: an external key that comes with another name than its person has, and an image that another person has
    /// (<see cref="Enrolment.SameImageScore"/>).
    /// </summary>
    public bool Strict { get; init; }
}

/// <summary>A sample was enrolled.</summary>
/// <param name="Person">Whose it is.</param>
/// <param name="Sample">It.</param>
/// <param name="Resembles">Another person whom it resembles: a warning that one of the two may be wrong, or that one person
/// was enrolled twice.</param>
public sealed record Enrolment(Person Person, Sample Sample, Candidate? Resembles)
{
    /// <summary>Two samples that score as much are of one image: of one person the second is refused, of two people one must be wrong.</summary>
    public const double SameImageScore = GalleryRules.SameImage;

    /// <summary>The best score of the sample against the person's others; null for their first.</summary>
    public double? OwnScore { get; init; }

    /// <summary>
    /// Another person who is nearer to the sample than the person's own other samples are; null if there is none, or without <see
    /// cref="EnrolOptions.ResemblanceThreshold"/>.
    /// </summary>
    public Candidate? Nearer { get; init; }

    /// <summary>The name that came with an external key whose person has another name, as it would be stored; else null.</summary>
    public string? OtherName { get; init; }

    /// <summary>From which score another person is worth telling of.</summary>
    internal static double LeastTold(double threshold, double? own) => Math.Min(threshold, own ?? threshold);

    internal Enrolment For(NewPerson given) => Person.Name == given.Name ? this : this with { OtherName = given.Name };

    internal static Enrolment Of(Person person, Sample sample, double? own, Candidate? other, EnrolOptions options)
        => new(person, sample, other?.Score >= options.ResemblanceThreshold ? other : null)
        {
            OwnScore = own,
            Nearer = other?.Score > own ? other : null,
        };
}

/// <summary>A person found by a search.</summary>
/// <param name="Person">Who.</param>
/// <param name="SampleId">Their sample with the highest score.</param>
/// <param name="Score">Its cosine to the probe, in [-1, 1].</param>
public sealed record Candidate(Person Person, long SampleId, double Score);

/// <summary>What was deleted.</summary>
/// <param name="Persons">People.</param>
/// <param name="Samples">Samples.</param>
/// <param name="Crops">Stored crops.</param>
public sealed record Deletion(int Persons, int Samples, int Crops)
{
    /// <summary>
    /// Whether nothing of it is left in the store's files. If not, it is deleted all the same, but traces stay in free space until the gallery is
    /// opened or something is deleted once more: another process was reading, or the disk was full.
    /// </summary>
    public bool Cleared { get; init; } = true;
}

/// <summary>The result of examining a gallery.</summary>
/// <param name="Persons">People read.</param>
/// <param name="Samples">Samples read.</param>
/// <param name="Problems">What is wrong, a sentence each; none if all is well.</param>
public sealed record GalleryCheck(long Persons, long Samples, IReadOnlyList<string> Problems);

/// <summary>Something that was done to a gallery.</summary>
/// <param name="Id">Number of the entry.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Action"><c>create</c>, <c>add-person</c>, <c>update-person</c>, <c>enrol</c>, <c>delete-person</c>, <c>delete-sample</c>,
/// <c>merge</c>, <c>unmerge</c>, <c>move-sample</c>, <c>change-key</c>, <c>reembed</c>, <c>restore</c> or <c>migrate</c>.</param>
/// <param name="PersonId">Whom it concerned, or null.</param>
/// <param name="SampleId">Which sample, or null.</param>
/// <param name="Detail">Counts or versions; never a name.</param>
public sealed record AuditEntry(long Id, DateTimeOffset At, string Action, long? PersonId, long? SampleId, string? Detail);
