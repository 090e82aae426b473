namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    /// <inheritdoc/>
    public Deletion DeletePerson(long personId) => DeletePersons([personId]);

    /// <inheritdoc/>
    public Deletion DeletePersons(IReadOnlyCollection<long> personIds)
    {
        ArgumentNullException.ThrowIfNull(personIds);
        return Locked(() => Delete(() =>
        {
            var (persons, samples, crops) = (0, 0, 0);
            foreach (var id in personIds.Distinct().SelectMany(WithMerged))
            {
                var (itsSamples, itsCrops) = DeleteSamples(_database.Rows("SELECT id FROM samples WHERE person_id = $0", r => r.Integer(0), id));
                if (_database.Execute("DELETE FROM persons WHERE id = $0", id) == 0) continue;
                SqliteSchema.Log(_database, "delete-person", id, null, FormattableString.Invariant($"samples {itsSamples}, crops {itsCrops}"));
                (persons, samples, crops) = (persons + 1, samples + itsSamples, crops + itsCrops);
            }
            return new(persons, samples, crops);
        }));
    }

    /// <inheritdoc/>
    public Deletion DeleteSample(long sampleId) => Locked(() => Delete(() =>
    {
        if (_database.Value("SELECT person_id FROM samples WHERE id = $0", sampleId) is not long person) return new(0, 0, 0);
        var (samples, crops) = DeleteSamples([sampleId]);
        SqliteSchema.Log(_database, "delete-sample", person, sampleId, FormattableString.Invariant($"samples {samples}, crops {crops}"));
        return new(0, samples, crops);
    }));

    Deletion Delete(Func<Deletion> delete)
    {
        if (_together)
            throw new InvalidOperationException("nothing is deleted among changes that are brought together: "
                + "a file is not written anew in the middle of a transaction");
        RequireWritable("to delete somebody");
        var deleted = _database.Transaction(() =>
        {
            _index.Follow(_rows);
            return delete();
        });
        _database.Snapshot(() => _index.Follow(_rows, own: true));
        return deleted with { Cleared = Clear() };
    }

    (int Samples, int Crops) DeleteSamples(IReadOnlyList<long> samples)
    {
        var crops = samples.Sum(sample => _database.Execute("DELETE FROM crops WHERE sample_id = $0", sample));
        return (samples.Sum(sample => _database.Execute("DELETE FROM samples WHERE id = $0", sample)), crops);
    }

    /// <summary>
    /// Removes what deletions have left in the files. secure_delete overwrites what is freed, but a page that was divided or joined keeps old
    /// copies between its cells, and the log keeps old pages: only a file written anew and an emptied log hold nothing but what is there. Killed
    /// anywhere in between, it is done again when the gallery is opened.
    /// </summary>
    /// <returns>Whether nothing is left; false if another process was in the way, or the disk is full.</returns>
    bool Clear()
    {
        var state = _rows.State();
        if (state.Deletions == state.Cleared) return true;
        if (IsReadOnly) return false;
        try
        {
            SqliteIndexFile.Delete(Path);
            _database.Script("VACUUM");
            if (!_database.Checkpoint()) return false;
            // Not set to the count of now: what another process deleted meanwhile is not cleared yet.
            _database.Execute("UPDATE state SET cleared = max(cleared, $0)", state.Deletions);
            return true;
        }
        catch (Exception e) when (e is GalleryException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
