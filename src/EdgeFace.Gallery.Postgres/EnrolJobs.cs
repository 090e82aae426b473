using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>
/// Enrolment by many workers at once. A job is leased to one worker at a time; a worker that ends without a word loses its job to another when
/// the lease expires. A job is completed in the transaction that enrols its samples, and by its last taker only, so it is done exactly once. For
/// any number of threads and processes.
/// </summary>
public sealed class EnrolJobs
{
    // That many rows go into one statement.
    const int JobsAtOnce = 1000;

    const int MostErrorCharacters = 2000;

    readonly PostgresGallery _gallery;
    readonly PostgresDatabase _database;

    internal EnrolJobs(PostgresGallery gallery, PostgresDatabase database, int mostAttempts)
        => (_gallery, _database, MostAttempts) = (gallery, database, mostAttempts);

    /// <summary>A job that was taken so often without being completed is dead.</summary>
    public int MostAttempts { get; }

    /// <summary>
    /// Adds jobs; those that are there already (same external key and source, whatever became of them) are passed over, so
    /// adding again is harmless.
    /// </summary>
    /// <returns>How many were added.</returns>
    /// <exception cref="GalleryException">A job is refused; none was added.</exception>
    public int Add(IReadOnlyList<NewEnrolJob> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var accepted = jobs.Select(job =>
        {
            ArgumentNullException.ThrowIfNull(job);
            if (job.Person.ExternalKey is null)
                throw new GalleryException($"'{job.Person.Name}' has no external key, by which the workers could find the person: give one");
            if (string.IsNullOrEmpty(job.Source)) throw new GalleryException($"the job of '{job.Person.Name}' has no source");
            GalleryRules.RequireSource(job.Source);
            return job with { Person = GalleryRules.Accepted(job.Person) };
        }).ToList();
        return _database.Write(session => accepted.Chunk(JobsAtOnce).Sum(part => session.Execute("""
            INSERT INTO jobs (external_key, name, metadata, source, source_key)
            SELECT key, name, metadata::json, source, source_key FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) AS job (key, name, metadata, source, source_key)
            ON CONFLICT (external_key, source_key) DO NOTHING
            """, part.Select(j => j.Person.ExternalKey!).ToArray(), part.Select(j => j.Person.Name).ToArray(),
            part.Select(j => j.Person.Metadata).ToArray(), part.Select(j => j.Source).ToArray(),
            part.Select(j => SHA256.HashData(Encoding.UTF8.GetBytes(j.Source))).ToArray())));
    }

    /// <summary>Takes a job whose lease has expired, or else the oldest that waits.</summary>
    /// <param name="worker">A name for who takes it, shown in messages; 1 to 200 characters.</param>
    /// <param name="lease">How long the job is the worker's alone, unless renewed; more than zero.</param>
    /// <returns>The job, or null if there is none to take now.</returns>
    public EnrolJob? Take(string worker, TimeSpan lease)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(worker);
        if (worker.Length > NewPerson.MostCharacters)
            throw new ArgumentException($"a worker's name may have {NewPerson.MostCharacters} characters", nameof(worker));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        return _database.Write(session =>
        {
            session.Execute("""
                UPDATE jobs SET state = 'dead', lease_until = NULL, error = format('the worker %s ended or hung: the lease expired %s times', worker, attempts)
                WHERE id IN (SELECT id FROM jobs WHERE state = 'taken' AND lease_until < now() AND attempts >= $1 FOR UPDATE SKIP LOCKED)
                """, MostAttempts);
            EnrolJob? First(string which) => session.Rows($"""
                UPDATE jobs SET state = 'taken', worker = $1, lease_until = now() + $2, attempts = attempts + 1 WHERE id = (SELECT id FROM jobs WHERE {which} LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING id, name, external_key, metadata::text, source, attempts
                """, r => new EnrolJob(r.GetInt64(0), ReadPerson(r), r.GetString(4), worker, r.GetInt32(5)), worker, lease).FirstOrDefault();
            return First("state = 'taken' AND lease_until < now() ORDER BY lease_until") ?? First("state = 'waiting' ORDER BY id");
        });
    }

    /// <summary>Extends the lease of a job: it is the worker's for so long from now.</summary>
    /// <exception cref="LeaseLostException">Another worker has it.</exception>
    public void Renew(EnrolJob job, TimeSpan lease)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);
        Change(job, "UPDATE jobs SET lease_until = now() + $4 WHERE id = $1 AND state = 'taken' AND worker = $2 AND attempts = $3", lease);
    }

    /// <summary>Enrols the samples of a job and completes it, in one transaction.</summary>
    /// <exception cref="LeaseLostException">Another worker has the job; nothing was enrolled.</exception>
    /// <exception cref="GalleryException">As for <see cref="IGallery.Enrol(NewPerson, IReadOnlyList{NewSample}, EnrolOptions)"/>; the job is
    /// still the worker's.</exception>
    public IReadOnlyList<Enrolment> Complete(EnrolJob job, IReadOnlyList<NewSample> samples, EnrolOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        return _gallery.Enrol(job.Person, samples, options, session =>
        {
            var completed = session.Execute("UPDATE jobs SET state = 'done', lease_until = NULL, error = NULL "
                + "WHERE id = $1 AND state = 'taken' AND worker = $2 AND attempts = $3", job.Id, job.Worker, job.Attempt);
            if (completed == 0) throw new LeaseLostException(job);
        });
    }

    /// <summary>
    /// Gives a job back with what was wrong. It waits for another attempt, or is dead if that is not wanted or it was tried often enough.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="error">What was wrong; cut after 2000 characters.</param>
    /// <param name="again">Whether another attempt might succeed.</param>
    /// <exception cref="LeaseLostException">Another worker has it.</exception>
    public void Fail(EnrolJob job, string error, bool again)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(error);
        var text = new string([.. error.Take(MostErrorCharacters).Select(c => c == '\0' || char.IsSurrogate(c) ? '?' : c)]);
        Change(job, "UPDATE jobs SET state = CASE WHEN $4 AND attempts < $5 THEN 'waiting' ELSE 'dead' END, lease_until = NULL, error = $6 "
            + "WHERE id = $1 AND state = 'taken' AND worker = $2 AND attempts = $3", again, MostAttempts, text);
    }

    /// <summary>Lets the dead jobs be tried again, from the first attempt.</summary>
    /// <returns>How many.</returns>
    public int RetryDead()
        => _database.Write(session => session.Execute("UPDATE jobs SET state = 'waiting', attempts = 0, worker = NULL WHERE state = 'dead'"));

    /// <summary>Deletes the jobs that are done; they could then be added again.</summary>
    /// <returns>How many.</returns>
    public int RemoveDone() => _database.Write(session => session.Execute("DELETE FROM jobs WHERE state = 'done'"));

    /// <summary>How many jobs there are.</summary>
    public EnrolCounts Counts => _database.Read(session => session.Rows("""
        SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'taken'), count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'dead') FROM jobs
        """, r => new EnrolCounts(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)))[0]);

    /// <summary>The dead jobs in the order of their numbers, a page at a time.</summary>
    /// <param name="afterId">Only numbers above this one.</param>
    /// <param name="count">At most so many.</param>
    public IReadOnlyList<EnrolFailure> Failures(long afterId = 0, int count = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _database.Read(session => session.Rows("SELECT id, name, external_key, metadata::text, source, attempts, coalesce(error, '') "
            + "FROM jobs WHERE state = 'dead' AND id > $1 ORDER BY id LIMIT $2",
            r => new EnrolFailure(r.GetInt64(0), ReadPerson(r), r.GetString(4), r.GetInt32(5), r.GetString(6)), afterId, count));
    }

    /// <summary>
    /// Takes jobs and does them, one after another, until there is none to take. Run it on several threads and machines for more at
    /// once. A sample that its person has already counts as done; another error of the gallery's rules, or a
    /// <see cref="GalleryException"/> of <paramref name="embed"/> that is not about the connection, is final; any other exception of
    /// <paramref name="embed"/> lets the job be tried again.
    /// </summary>
    /// <param name="worker">A name for this worker.</param>
    /// <param name="lease">How long a worker may be silent before its job is given to another; renewed while <paramref name="embed"/> runs.
    /// At least a second.</param>
    /// <param name="embed">Makes the samples of a job's picture.</param>
    /// <param name="options">How to enrol.</param>
    /// <param name="enrolled">Told of each sample once it is committed.</param>
    /// <param name="cancel">Ends the work after the job in hand.</param>
    /// <returns>How many jobs it completed.</returns>
    /// <exception cref="GalleryException">The server cannot be reached; the job in hand will be taken over.</exception>
    public int Work(string worker, TimeSpan lease, Func<EnrolJob, IReadOnlyList<NewSample>> embed, EnrolOptions options = default,
        Action<EnrolJob, Enrolment>? enrolled = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(embed);
        ArgumentOutOfRangeException.ThrowIfLessThan(lease, TimeSpan.FromSeconds(1));
        var done = 0;
        while (!cancel.IsCancellationRequested && Take(worker, lease) is { } job)
            if (Do(job, lease, embed, options, enrolled)) done++;
        return done;
    }

    bool Do(EnrolJob job, TimeSpan lease, Func<EnrolJob, IReadOnlyList<NewSample>> embed, EnrolOptions options,
        Action<EnrolJob, Enrolment>? enrolled)
    {
        try
        {
            IReadOnlyList<NewSample> samples;
            try
            {
                using var renewal = new Timer(_ => RenewQuietly(job, lease), null, lease / 3, lease / 3);
                samples = embed(job);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Fail(job, e.Message, again: e is not GalleryException || e.InnerException is NpgsqlException);
                return false;
            }
            try
            {
                foreach (var enrolment in Complete(job, samples, options)) enrolled?.Invoke(job, enrolment);
            }
            catch (DuplicateSampleException)
            {
                Complete(job, [], options);
            }
            catch (GalleryException e) when (e is not LeaseLostException && e.InnerException is not NpgsqlException)
            {
                Fail(job, e.Message, again: false);
                return false;
            }
            return true;
        }
        catch (LeaseLostException)
        {
            return false;
        }
    }

    void RenewQuietly(EnrolJob job, TimeSpan lease)
    {
        try
        {
            Renew(job, lease);
        }
        catch (GalleryException)
        {
            // Whether the lease still holds is found out when the job is completed.
        }
        catch (ObjectDisposedException)
        {
        }
    }

    void Change(EnrolJob job, string sql, params object?[] values)
    {
        if (_database.Write(session => session.Execute(sql, [job.Id, job.Worker, job.Attempt, .. values])) == 0) throw new LeaseLostException(job);
    }

    static NewPerson ReadPerson(NpgsqlDataReader row)
        => new(row.GetString(1)) { ExternalKey = row.GetString(2), Metadata = row.IsDBNull(3) ? null : row.GetString(3) };
}
