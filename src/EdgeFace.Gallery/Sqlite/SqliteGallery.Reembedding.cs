namespace EdgeFace.Gallery;

/// <summary>A sample whose embedding is to be made anew.</summary>
/// <param name="Sample">It; its source says where the picture was.</param>
/// <param name="Crop">Its stored crop, or null.</param>
public sealed record StoredSample(Sample Sample, byte[]? Crop);

/// <summary>What came of binding a gallery to another model.</summary>
/// <param name="Replaced">Whether the gallery is bound to the new contract; if not, it is as it was.</param>
/// <param name="Former">What it was bound to.</param>
/// <param name="Samples">Samples that have a new embedding.</param>
/// <param name="Failed">Samples of which no new embedding could be made; deleted if <paramref name="Replaced"/>.</param>
public sealed record Reembedding(bool Replaced, EmbeddingContract Former, long Samples, long Failed);

public sealed partial class SqliteGallery
{
    const int ReembeddedAtOnce = 64;

    /// <summary>
    /// Binds a gallery to another contract: the embedding of every sample is made anew. People, samples, crops and audit keep their numbers. It
    /// is one transaction, during which nobody else can have the gallery open: if the process ends half way, the gallery is as it was.
    /// </summary>
    /// <param name="path">The gallery's file.</param>
    /// <param name="options">The key, if it is encrypted.</param>
    /// <param name="contract">What it shall be bound to.</param>
    /// <param name="space">The space of the new recogniser's head.</param>
    /// <param name="embed">Gives the new embeddings of some samples, in their order; null for one that cannot be embedded.</param>
    /// <param name="dropFailed">Delete the samples that cannot be embedded; otherwise one of them leaves all as it was.</param>
    /// <exception cref="ContractMismatchException">A new embedding is not of the new contract.</exception>
    /// <exception cref="GalleryException">It cannot be opened, or somebody else has it open.</exception>
    public static Reembedding Reembed(string path, SqliteGalleryOptions options, EmbeddingContract contract, EmbeddingSpace space,
        Func<IReadOnlyList<StoredSample>, IReadOnlyList<Embedding?>> embed, bool dropFailed)
    {
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(embed);
        if (contract.Dimension != space.Dimension)
            throw new ArgumentException(
                $"the space has {space.Dimension} dimensions, embeddings of '{contract.Model}' have {contract.Dimension}", nameof(space));
        using var gallery = Open(path, null, options);
        var result = gallery.Alone(() => gallery.Rebind(contract, Projection.Create(space), embed, dropFailed));
        gallery.Locked(gallery.Clear);
        return result;
    }

    /// <summary>Work while no other connection has the file open: they would go on with the former contract.</summary>
    T Alone<T>(Func<T> work) => Locked(() =>
    {
        RequireWritable("to embed it anew");
        try
        {
            // SQLite leaves the write-ahead log only where this is the one connection.
            _database.SetJournal("delete");
            _database.Script("PRAGMA locking_mode = EXCLUSIVE");
        }
        catch (GalleryException e) when (e.IsBusy())
        {
            throw new GalleryException($"{Path}: somebody else has the gallery open; close it there first ({e.Message})", e);
        }
        try
        {
            return work();
        }
        finally
        {
            Rejoin();
            // The former index has nothing to do with what is stored now.
            _index.Forget();
        }
    });

    /// <summary>Lets others in again. What prevents it, a full disk, changes nothing in what was done; the next opening does it.</summary>
    void Rejoin()
    {
        try
        {
            _database.Script("PRAGMA locking_mode = NORMAL");
            _database.SetJournal("wal");
        }
        catch (GalleryException)
        {
        }
    }

    sealed class NotReplacedException : Exception;

    Reembedding Rebind(EmbeddingContract contract, Projection projection,
        Func<IReadOnlyList<StoredSample>, IReadOnlyList<Embedding?>> embed, bool dropFailed)
    {
        long made = 0;
        var failed = new List<long>();
        try
        {
            _database.Transaction(() =>
            {
                for (long after = 0; Next(after) is { Count: > 0 } batch; after = batch[^1].Sample.Id)
                {
                    var embeddings = embed(batch);
                    if (embeddings.Count != batch.Count)
                        throw new InvalidOperationException($"{batch.Count} samples were to be embedded, {embeddings.Count} embeddings came");
                    for (var i = 0; i < batch.Count; i++)
                    {
                        if (embeddings[i] is not { } embedding)
                        {
                            failed.Add(batch[i].Sample.Id);
                            continue;
                        }
                        contract.Require(embedding.Contract);
                        Rewrite(batch[i].Sample, projection.Project(embedding));
                        made++;
                    }
                }
                if (failed.Count > 0 && !dropFailed) throw new NotReplacedException();
                foreach (var sample in failed)
                {
                    _database.Execute("DELETE FROM crops WHERE sample_id = $0", sample);
                    _database.Execute("DELETE FROM samples WHERE id = $0", sample);
                }
                var text = SqliteDescription.TextOf(contract);
                SqliteDescription.Set(_database, "contract", text);
                var place = SqliteDescription.PlaceOfProjection(text, _description.MostSamples, _description.Created);
                SqliteDescription.Set(_database, "projection", _cipher.Seal(projection.ToBytes(), place));
                // Nothing kept beside the file fits any more, and the former embeddings are to be forgotten.
                _database.Execute("UPDATE state SET stamp = randomblob(16), deletions = deletions + 1");
                SqliteSchema.Log(_database, "reembed", null, null, FormattableString.Invariant($"{made} samples, {failed.Count} dropped"));
                return 0;
            });
            return new(true, Contract, made, failed.Count);
        }
        catch (NotReplacedException)
        {
            return new(false, Contract, made, failed.Count);
        }
    }

    List<StoredSample> Next(long after)
        => _database.Rows(
            $"SELECT {SqliteRows.SampleColumns} FROM samples WHERE id > $0 ORDER BY id LIMIT {ReembeddedAtOnce}", _rows.ReadSample, after)
            .ConvertAll(s => new StoredSample(s, s.HasCrop ? _rows.Crop(s.Id) : null));

    void Rewrite(Sample sample, float[] coordinates)
        => _database.Execute("UPDATE samples SET coordinates = $1 WHERE id = $0", sample.Id,
            Sealed(StoredCoordinates.Of(coordinates), sample.Id, sample.PersonId));
}
