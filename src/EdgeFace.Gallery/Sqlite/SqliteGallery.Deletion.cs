namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    /// <inheritdoc/>
    public Deletion DeletePerson(long personId) => Delete("delete-person", "SELECT id FROM samples WHERE person_id = $0", personId,
        () => _database.Execute("DELETE FROM persons WHERE id = $0", personId), () => personId);

    /// <inheritdoc/>
    public Deletion DeleteSample(long sampleId) => Delete("delete-sample", "SELECT id FROM samples WHERE id = $0", sampleId,
        () => 0, () => _database.Value("SELECT person_id FROM samples WHERE id = $0", sampleId) as long?);

    Deletion Delete(string action, string samplesOf, long id, Func<int> deletePerson, Func<long?> whose) => Locked(() =>
    {
        var deleted = _database.Transaction(() =>
        {
            Follow();
            var person = whose();
            var samples = _database.Rows(samplesOf, r => r.GetInt64(0), id);
            var crops = 0;
            foreach (var sample in samples)
            {
                crops += _database.Execute("DELETE FROM crops WHERE sample_id = $0", sample);
                _database.Execute("DELETE FROM samples WHERE id = $0", sample);
            }
            var deleted = new Deletion(deletePerson(), samples.Count, crops);
            if (deleted is { Persons: 0, Samples: 0 }) return deleted;
            _database.Execute("UPDATE state SET traces = 1");
            SqliteSchema.Log(_database, action, person, action == "delete-sample" ? id : null, FormattableString.Invariant($"{deleted.Samples} samples, {deleted.Crops} crops"));
            return deleted;
        });
        foreach (var (row, sample) in _database.Rows("SELECT id, sample_id FROM deletions WHERE id > $0 ORDER BY id", r => (r.GetInt64(0), r.GetInt64(1)), _lastDeletion)) Forget(row, sample);
        return deleted;
    });

    /// <inheritdoc/>
    public GalleryCheck Check() => Locked(() =>
    {
        var problems = _database.Rows("PRAGMA integrity_check(20)", r => r.GetString(0)).FindAll(line => line != "ok");
        return new GalleryCheck(_database.Number("SELECT count(*) FROM persons"), _database.Number("SELECT count(*) FROM samples"), problems);
    });
}
