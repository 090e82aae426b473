namespace EdgeFace.Gallery.Postgres;

/// <summary>
/// A gallery in PostgreSQL with pgvector, for when one machine is too small: many processes use it at once, and its samples
/// can lie on several servers.
/// </summary>
/// <remarks>
/// Asynchronous calls hold no thread while the server works, and tell it when they are cancelled. Blocking calls wait for the asynchronous ones.
/// </remarks>
public sealed class PostgresGallery : IGallery
{
    /// <summary>The recall below which an HNSW index is refused.</summary>
    public const double LeastRecall = PostgresHnsw.LeastRecall;

    readonly PostgresDatabase _database;
    readonly PostgresPeople _people;
    readonly PostgresSamples _samples;
    readonly PostgresSearch _search;
    readonly PostgresEnrolment _enrolment;
    readonly PostgresDeletion _deletion;
    readonly PostgresMerging _merging;
    readonly PostgresShards _shards;
    readonly PostgresHnsw _hnsw;
    readonly PostgresCheck _check;
    readonly GalleryDescription _found;

    PostgresGallery(PostgresDatabase database, GalleryDescription found, EmbeddingContract contract, PostgresGalleryOptions options)
    {
        var projection = Projection.FromBytes(found.Projection, contract.Dimension);
        if (projection.Rank != found.Rank) throw database.Damaged($"its projection has rank {projection.Rank}, its tables {found.Rank}");
        (_database, _found, Contract, UsesHnsw) = (database, found, contract, options.Hnsw);
        var vectors = new SampleVectors(projection, database.Damaged);
        var scan = new SampleScan(vectors, found.Partitions, options.HnswCandidates);
        _people = new(database);
        _samples = new(database, vectors, contract);
        _search = new(database, scan, vectors, contract, options.Hnsw);
        _enrolment = new(database, vectors, _search, contract, found.MostSamples);
        _shards = new(database, projection, found.VectorSchema, found.Partitions);
        _deletion = new(database, _shards);
        _merging = new(database, vectors, found.MostSamples);
        _hnsw = new(database, scan, vectors, _shards);
        _check = new(database, scan, vectors, found.Partitions, options.Hnsw ? _hnsw : null);
    }

    /// <inheritdoc/>
    public EmbeddingContract Contract { get; }

    /// <summary>Whether searches take their candidates from the HNSW index.</summary>
    public bool UsesHnsw { get; }

    /// <summary>
    /// Whether a text names a gallery in PostgreSQL and not a file: <c>postgres://...</c>, or a list of options with <c>Host=</c>.
    /// </summary>
    public static bool IsConnection(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PostgresConnection.IsConnection(text);
    }

    /// <summary>Whether there is a gallery.</summary>
    /// <exception cref="GalleryException">The server cannot be reached.</exception>
    public static bool Exists(string connection, PostgresGalleryOptions options) => Wait(ExistsAsync(connection, options));

    /// <summary><see cref="Exists"/>, asynchronously.</summary>
    public static async Task<bool> ExistsAsync(
        string connection, PostgresGalleryOptions options, CancellationToken cancellationToken = default)
    {
        var database = PostgresOpening.Plain(connection, options);
        await using (database.ConfigureAwait(false))
            return await PostgresOpening.Describe(database, cancellationToken).ConfigureAwait(false) is not null;
    }

    /// <summary>
    /// Creates a gallery: a schema with its tables, whole or not at all. Installs pgvector into the database if it is
    /// missing there and the user may.
    /// </summary>
    /// <param name="connection">Where, in the form <c>Host=...;Database=...;Username=...;Password=...</c> or
    /// <c>postgres://user:password@host:port/database</c>.</param>
    /// <param name="contract">What it is bound to for ever.</param>
    /// <param name="space">The space of the recogniser's head, <see cref="EmbeddingSpace.Of"/>.</param>
    /// <param name="options">Schema, limit and partitions.</param>
    /// <exception cref="GalleryException">It exists, or the server cannot be reached or cannot hold it.</exception>
    public static PostgresGallery Create(string connection, EmbeddingContract contract, EmbeddingSpace space, PostgresGalleryOptions options)
        => Wait(CreateAsync(connection, contract, space, options));

    /// <summary><see cref="Create"/>, asynchronously.</summary>
    public static async Task<PostgresGallery> CreateAsync(string connection, EmbeddingContract contract, EmbeddingSpace space,
        PostgresGalleryOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(options);
        if (contract.Dimension != space.Dimension)
            throw new ArgumentException(
                $"the space has {space.Dimension} dimensions, embeddings of '{contract.Model}' have {contract.Dimension}", nameof(space));
        if (options.MostSamplesPerPerson is < 1 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(options), options.MostSamplesPerPerson, "a person may have 1 to 1000 samples");
        if (options.Partitions is < 1 or > 64)
            throw new ArgumentOutOfRangeException(nameof(options), options.Partitions, "samples can be divided into 1 to 64 partitions");
        await PostgresOpening.Create(connection, contract, space, options, cancellationToken).ConfigureAwait(false);
        return await OpenAsync(connection, contract, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a gallery.</summary>
    /// <param name="connection">Where, as for <see cref="Create"/>.</param>
    /// <param name="contract">What it must be bound to; null accepts any.</param>
    /// <param name="options">Its schema, and how to search.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">The server cannot be reached, there is no such gallery, or it is damaged or of a newer version.
    /// Nothing was changed.</exception>
    public static PostgresGallery Open(string connection, EmbeddingContract? contract, PostgresGalleryOptions options)
        => Wait(OpenAsync(connection, contract, options));

    /// <summary><see cref="Open"/>, asynchronously.</summary>
    public static async Task<PostgresGallery> OpenAsync(
        string connection, EmbeddingContract? contract, PostgresGalleryOptions options, CancellationToken cancellationToken = default)
        => await TryOpen(connection, contract, options, cancellationToken).ConfigureAwait(false) ?? throw new GalleryException(
            $"{PostgresConnection.Parse(connection).Host}: there is no gallery in the schema {options.Schema} of the database; "
            + "create it, or name its schema");

    /// <summary>Opens a gallery, or creates it if its schema holds none.</summary>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">As for opening and creating.</exception>
    public static PostgresGallery OpenOrCreate(string connection, EmbeddingContract contract, EmbeddingSpace space, PostgresGalleryOptions options)
        => OpenOrCreate(connection, contract, space, options, out _);

    /// <summary>As <see cref="OpenOrCreate(string, EmbeddingContract, EmbeddingSpace, PostgresGalleryOptions)"/>.</summary>
    /// <param name="connection">Where, as for <see cref="Create"/>.</param>
    /// <param name="contract">What it is, or will be, bound to.</param>
    /// <param name="space">Of a new gallery.</param>
    /// <param name="options">Its schema, and what a new gallery is to be like.</param>
    /// <param name="created">Whether this call created it: of several processes at once, one did.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">As for opening and creating.</exception>
    public static PostgresGallery OpenOrCreate(
        string connection, EmbeddingContract contract, EmbeddingSpace space, PostgresGalleryOptions options, out bool created)
    {
        (var gallery, created) = Wait(TryOpenOrCreate(connection, contract, space, options, CancellationToken.None));
        return gallery;
    }

    /// <summary>
    /// <see cref="OpenOrCreate(string, EmbeddingContract, EmbeddingSpace, PostgresGalleryOptions)"/>, asynchronously.
    /// </summary>
    public static async Task<PostgresGallery> OpenOrCreateAsync(string connection, EmbeddingContract contract, EmbeddingSpace space,
        PostgresGalleryOptions options, CancellationToken cancellationToken = default)
        => (await TryOpenOrCreate(connection, contract, space, options, cancellationToken).ConfigureAwait(false)).Gallery;

    /// <summary>The gallery's jobs: enrolments that workers do.</summary>
    /// <param name="mostAttempts">A job that was taken so often without being completed is dead; 1 or more.</param>
    public IEnrolJobs Jobs(int mostAttempts = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostAttempts, 1);
        return new PostgresEnrolJobs(_database, _enrolment, mostAttempts);
    }

    /// <summary>Where the partitions of the samples lie, in the order of their numbers.</summary>
    public Task<IReadOnlyList<GalleryPartition>> PartitionsAsync(CancellationToken cancellationToken = default) => _shards.All(cancellationToken);

    /// <summary>
    /// Moves a partition and its samples to another server, which this one reaches by postgres_fdw from then on. Nobody can use the gallery
    /// meanwhile. If it breaks off, the partition is where it was, and the same call may be repeated. The user needs to be allowed to
    /// create foreign servers here, and schemas there. The password is stored in this server's catalogue (<c>pg_user_mapping</c>), which
    /// its administrators can read.
    /// </summary>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="connection">The other server's database, in a form as for <see cref="Create"/>, as this gallery's server reaches it.</param>
    /// <exception cref="GalleryException">A server cannot be reached or lacks something, a right is missing, or the partition lies
    /// elsewhere already.</exception>
    public Task MovePartitionAsync(int partition, string connection, CancellationToken cancellationToken = default)
        => _shards.Move(partition, connection, cancellationToken);

    /// <summary>
    /// Builds an HNSW index over the samples of each partition, and measures its recall; one that misses too much is taken away again. Searches
    /// use it where <see cref="PostgresGalleryOptions.Hnsw"/> says so. Samples enrolled later enter it. Partitions on other servers get theirs
    /// there: docs/gallery-postgres.md.
    /// </summary>
    /// <param name="neighbours">Neighbours of a sample in the graph (pgvector's <c>m</c>), 2 to 100.</param>
    /// <param name="candidates">Candidates while building (<c>ef_construction</c>), 4 to 1000 and at least twice the neighbours.</param>
    /// <returns>The recall, as <see cref="MeasureRecallAsync"/> measures it.</returns>
    /// <exception cref="GalleryException">The recall is below <see cref="LeastRecall"/>; there is no index then.</exception>
    public Task<double> CreateHnswIndexAsync(int neighbours = 16, int candidates = 128, CancellationToken cancellationToken = default)
        => _hnsw.Create(neighbours, candidates, cancellationToken);

    /// <summary>Removes the HNSW index.</summary>
    public Task DropHnswIndexAsync(CancellationToken cancellationToken = default) => _hnsw.Drop(cancellationToken);

    /// <summary>
    /// How much of the exact result a search by the HNSW index finds: the mean share of the <paramref name="count"/> best people. Probes are
    /// random stored samples, changed until they score 0.7 against themselves.
    /// </summary>
    /// <param name="probes">How many searches, each by the index and by comparing every sample.</param>
    /// <param name="count">People of a result.</param>
    /// <returns>In [0, 1]; 1 for an empty gallery.</returns>
    public Task<double> MeasureRecallAsync(int probes = 50, int count = 10, CancellationToken cancellationToken = default)
        => _hnsw.Recall(probes, count, cancellationToken);

    /// <inheritdoc/>
    public GalleryInfo Info => Wait(GetInfoAsync());

    /// <inheritdoc/>
    public async Task<GalleryInfo> GetInfoAsync(CancellationToken cancellationToken = default)
    {
        var found = await _database.Read(session => session.Rows(
            "SELECT sum(persons)::bigint, sum(samples)::bigint, sum(crops)::bigint, (SELECT version FROM gallery) FROM counts",
            r => new GalleryInfo("postgresql", Contract, _found.Rank, r.GetInt64(0), r.GetInt64(1), r.GetInt64(2),
                _found.MostSamples, r.GetInt32(3), false, _found.Created)), cancellationToken).ConfigureAwait(false);
        return found[0];
    }

    /// <inheritdoc/>
    public Person AddPerson(NewPerson person) => Wait(AddPersonAsync(person));

    /// <inheritdoc/>
    public Task<Person> AddPersonAsync(NewPerson person, CancellationToken cancellationToken = default) => _people.Add(person, cancellationToken);

    /// <inheritdoc/>
    public Person UpdatePerson(long personId, NewPerson person) => Wait(UpdatePersonAsync(personId, person));

    /// <inheritdoc/>
    public Task<Person> UpdatePersonAsync(long personId, NewPerson person, CancellationToken cancellationToken = default)
        => _people.Update(personId, person, cancellationToken);

    /// <inheritdoc/>
    public Person? FindPerson(long personId) => Wait(FindPersonAsync(personId));

    /// <inheritdoc/>
    public Task<Person?> FindPersonAsync(long personId, CancellationToken cancellationToken = default) => _people.Find(personId, cancellationToken);

    /// <inheritdoc/>
    public Person? FindPerson(string externalKey) => Wait(FindPersonAsync(externalKey));

    /// <inheritdoc/>
    public Task<Person?> FindPersonAsync(string externalKey, CancellationToken cancellationToken = default)
        => _people.Find(externalKey, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<Person> Persons(long afterId = 0, int count = 1000) => Wait(PersonsAsync(afterId, count));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Person>> PersonsAsync(long afterId = 0, int count = 1000, CancellationToken cancellationToken = default)
        => _people.Page(afterId, count, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<Person> PersonsNamed(string name) => Wait(PersonsNamedAsync(name));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Person>> PersonsNamedAsync(string name, CancellationToken cancellationToken = default)
        => _people.Named(name, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<Sample> Samples(long personId) => Wait(SamplesAsync(personId));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Sample>> SamplesAsync(long personId, CancellationToken cancellationToken = default)
        => _samples.Of(personId, cancellationToken);

    /// <inheritdoc/>
    public byte[]? Crop(long sampleId) => Wait(CropAsync(sampleId));

    /// <inheritdoc/>
    public Task<byte[]?> CropAsync(long sampleId, CancellationToken cancellationToken = default) => _samples.Crop(sampleId, cancellationToken);

    /// <inheritdoc/>
    public Embedding? EmbeddingOf(long sampleId) => Wait(EmbeddingOfAsync(sampleId));

    /// <inheritdoc/>
    public Task<Embedding?> EmbeddingOfAsync(long sampleId, CancellationToken cancellationToken = default)
        => _samples.Embedding(sampleId, cancellationToken);

    /// <inheritdoc/>
    public bool ContainsSource(string sourceSha256) => Wait(ContainsSourceAsync(sourceSha256));

    /// <inheritdoc/>
    public Task<bool> ContainsSourceAsync(string sourceSha256, CancellationToken cancellationToken = default)
        => _samples.ContainsSource(sourceSha256, cancellationToken);

    /// <inheritdoc/>
    public Enrolment Enrol(long personId, NewSample sample, EnrolOptions options = default) => Wait(EnrolAsync(personId, sample, options));

    /// <inheritdoc/>
    public Task<Enrolment> EnrolAsync(long personId, NewSample sample, EnrolOptions options = default, CancellationToken cancellationToken = default)
        => _enrolment.Enrol(personId, sample, options, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<Enrolment> Enrol(NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options = default)
        => Wait(EnrolAsync(person, samples, options));

    /// <inheritdoc/>
    public Task<IReadOnlyList<Enrolment>> EnrolAsync(
        NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options = default, CancellationToken cancellationToken = default)
        => _enrolment.Enrol(person, samples, options, null, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<Candidate>> Search(IReadOnlyList<Embedding> probes, int count) => Wait(SearchAsync(probes, count));

    /// <inheritdoc/>
    public Task<IReadOnlyList<IReadOnlyList<Candidate>>> SearchAsync(
        IReadOnlyList<Embedding> probes, int count, CancellationToken cancellationToken = default)
        => _search.Search(probes, count, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// Jobs of the person's external key are deleted too. Then the tables are vacuumed. <see cref="Deletion.Cleared"/> says that no row of it is
    /// left in them; it is false where a transaction can still see the rows, they lay on another server, or the call was cancelled meanwhile;
    /// docs/gallery-postgres.md says what free space, the write-ahead log, replicas and backups hold longer.
    /// </remarks>
    public Deletion DeletePerson(long personId) => Wait(DeletePersonAsync(personId));

    /// <inheritdoc/>
    public Task<Deletion> DeletePersonAsync(long personId, CancellationToken cancellationToken = default)
        => _deletion.Persons([personId], cancellationToken);

    /// <inheritdoc/>
    /// <remarks>As for <see cref="DeletePerson"/>.</remarks>
    public Deletion DeletePersons(IReadOnlyCollection<long> personIds) => Wait(DeletePersonsAsync(personIds));

    /// <inheritdoc/>
    public Task<Deletion> DeletePersonsAsync(IReadOnlyCollection<long> personIds, CancellationToken cancellationToken = default)
        => _deletion.Persons(personIds, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>As for <see cref="DeletePerson"/>.</remarks>
    public Deletion DeleteSample(long sampleId) => Wait(DeleteSampleAsync(sampleId));

    /// <inheritdoc/>
    public Task<Deletion> DeleteSampleAsync(long sampleId, CancellationToken cancellationToken = default)
        => _deletion.Sample(sampleId, cancellationToken);

    /// <inheritdoc/>
    public Person MergePeople(long into, long from) => Wait(MergePeopleAsync(into, from));

    /// <inheritdoc/>
    public Task<Person> MergePeopleAsync(long into, long from, CancellationToken cancellationToken = default)
        => _merging.Merge(into, from, cancellationToken);

    /// <inheritdoc/>
    public Person UndoMerge(long from) => Wait(UndoMergeAsync(from));

    /// <inheritdoc/>
    public Task<Person> UndoMergeAsync(long from, CancellationToken cancellationToken = default) => _merging.Undo(from, cancellationToken);

    /// <inheritdoc/>
    public Sample MoveSample(long sampleId, long toPersonId) => Wait(MoveSampleAsync(sampleId, toPersonId));

    /// <inheritdoc/>
    public Task<Sample> MoveSampleAsync(long sampleId, long toPersonId, CancellationToken cancellationToken = default)
        => _merging.Move(sampleId, toPersonId, cancellationToken);

    /// <inheritdoc/>
    public GalleryCheck Check() => Wait(CheckAsync());

    /// <inheritdoc/>
    public Task<GalleryCheck> CheckAsync(CancellationToken cancellationToken = default) => _check.Run(cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<AuditEntry> Audit(long afterId = 0, int count = 1000) => Wait(AuditAsync(afterId, count));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AuditEntry>> AuditAsync(long afterId = 0, int count = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return await _database.Read(session => Ledger.Audit(session, afterId, count), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    static async Task<(PostgresGallery Gallery, bool Created)> TryOpenOrCreate(string connection, EmbeddingContract contract,
        EmbeddingSpace space, PostgresGalleryOptions options, CancellationToken cancellationToken)
    {
        if (await TryOpen(connection, contract, options, cancellationToken).ConfigureAwait(false) is { } gallery) return (gallery, false);
        try
        {
            return (await CreateAsync(connection, contract, space, options, cancellationToken).ConfigureAwait(false), true);
        }
        catch (GalleryException)
        {
            // Another process may have been first.
            if (await TryOpen(connection, contract, options, cancellationToken).ConfigureAwait(false) is { } made) return (made, false);
            throw;
        }
    }

    static async Task<PostgresGallery?> TryOpen(
        string connection, EmbeddingContract? contract, PostgresGalleryOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.HnswCandidates is < 1 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(options), options.HnswCandidates, "an HNSW index can look at 1 to 1000 candidates");
        if (await PostgresOpening.Find(connection, contract, options, cancellationToken).ConfigureAwait(false) is not var (found, bound))
            return null;
        var database = new PostgresDatabase(PostgresConnection.Parse(connection), options.Schema, found.VectorSchema);
        try
        {
            var gallery = new PostgresGallery(database, found, bound, options);
            if (options.Hnsw) await gallery._hnsw.Require(cancellationToken).ConfigureAwait(false);
            return gallery;
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Nothing awaited below comes back to the caller's context, so waiting here blocks nobody but the caller.</summary>
    static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
