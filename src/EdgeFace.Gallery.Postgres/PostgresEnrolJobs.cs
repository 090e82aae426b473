using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>The jobs of a gallery in PostgreSQL.</summary>
sealed class PostgresEnrolJobs(PostgresDatabase database, PostgresEnrolment enrolment, int mostAttempts) : IEnrolJobs
{
    // That many rows go into one statement.
    const int JobsAtOnce = 1000;

    // The rest of a statement that changes a job only as long as it is its taker's.
    const string Held = "WHERE id = $1 AND state = 'taken' AND worker = $2 AND attempts = $3";

    public int MostAttempts => mostAttempts;

    public EnrolCounts Counts => GetCountsAsync().GetAwaiter().GetResult();

    public int Add(IReadOnlyList<NewEnrolJob> jobs) => AddAsync(jobs).GetAwaiter().GetResult();

    public EnrolJob? Take(string worker, TimeSpan lease) => TakeAsync(worker, lease).GetAwaiter().GetResult();

    public void Renew(EnrolJob job, TimeSpan lease) => RenewAsync(job, lease).GetAwaiter().GetResult();

    public void GiveBack(EnrolJob job) => GiveBackAsync(job).GetAwaiter().GetResult();

    public IReadOnlyList<Enrolment> Complete(EnrolJob job, IReadOnlyList<NewSample> samples, EnrolOptions options = default)
        => CompleteAsync(job, samples, options).GetAwaiter().GetResult();

    public void Fail(EnrolJob job, string error, bool again) => FailAsync(job, error, again).GetAwaiter().GetResult();

    public int RetryDead() => RetryDeadAsync().GetAwaiter().GetResult();

    public int RemoveDone() => RemoveDoneAsync().GetAwaiter().GetResult();

    public IReadOnlyList<EnrolFailure> Failures(long afterId = 0, int count = 1000) => FailuresAsync(afterId, count).GetAwaiter().GetResult();

    public async Task<EnrolCounts> GetCountsAsync(CancellationToken cancellationToken = default)
    {
        var counts = await database.Read(session => session.Rows("""
            SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'taken'),
                count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'dead') FROM jobs
            """, r => new EnrolCounts(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3))), cancellationToken).ConfigureAwait(false);
        return counts[0];
    }

    public async Task<int> AddAsync(IReadOnlyList<NewEnrolJob> jobs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var accepted = jobs.Select(EnrolJobRules.Accepted).ToList();
        return await database.Write(async session =>
        {
            var added = 0;
            foreach (var part in accepted.Chunk(JobsAtOnce))
                added += await session.Execute("""
                    INSERT INTO jobs (external_key, name, metadata, source, source_key)
                    SELECT key, name, metadata::json, source, source_key
                        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) AS job (key, name, metadata, source, source_key)
                    ON CONFLICT (external_key, source_key) DO NOTHING
                    """, part.Select(j => j.Person.ExternalKey!).ToArray(), part.Select(j => j.Person.Name).ToArray(),
                    part.Select(j => j.Person.Metadata).ToArray(), part.Select(j => j.Source).ToArray(),
                    part.Select(j => SHA256.HashData(Encoding.UTF8.GetBytes(j.Source))).ToArray()).ConfigureAwait(false);
            return added;
        }, cancellationToken).ConfigureAwait(false);
    }

    public Task<EnrolJob?> TakeAsync(string worker, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        EnrolJobRules.RequireTaker(worker, lease);
        return database.Write(async session =>
        {
            await session.Execute("""
                UPDATE jobs SET state = 'dead', lease_until = NULL,
                    error = format('the worker %s ended or hung: the lease expired %s times', worker, attempts)
                WHERE id IN (SELECT id FROM jobs WHERE state = 'taken' AND lease_until < now() AND attempts >= $1 FOR UPDATE SKIP LOCKED)
                """, mostAttempts).ConfigureAwait(false);
            return await First("state = 'taken' AND lease_until < now() ORDER BY lease_until").ConfigureAwait(false)
                ?? await First("state = 'waiting' ORDER BY id").ConfigureAwait(false);

            Task<EnrolJob?> First(string which) => session.First($"""
                UPDATE jobs SET state = 'taken', worker = $1, lease_until = now() + $2, attempts = attempts + 1
                    WHERE id = (SELECT id FROM jobs WHERE {which} LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING id, name, external_key, metadata::text, source, attempts
                """, r => new EnrolJob
                {
                    Id = r.GetInt64(0), Person = ReadPerson(r), Source = r.GetString(4), Worker = worker, Attempt = r.GetInt32(5),
                }, worker, lease);
        }, cancellationToken);
    }

    public Task RenewAsync(EnrolJob job, TimeSpan lease, CancellationToken cancellationToken = default)
    {
        EnrolJobRules.RequireLease(lease);
        return Change(job, $"UPDATE jobs SET lease_until = now() + $4 {Held}", cancellationToken, lease);
    }

    public Task GiveBackAsync(EnrolJob job, CancellationToken cancellationToken = default) => Change(job,
        $"UPDATE jobs SET state = 'waiting', worker = NULL, lease_until = NULL, attempts = attempts - 1 {Held}", cancellationToken);

    public Task<IReadOnlyList<Enrolment>> CompleteAsync(
        EnrolJob job, IReadOnlyList<NewSample> samples, EnrolOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        return enrolment.Enrol(job.Person, samples, options, session => Change(session, job,
            $"UPDATE jobs SET state = 'done', lease_until = NULL, error = NULL {Held}"), cancellationToken);
    }

    public Task FailAsync(EnrolJob job, string error, bool again, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(error);
        return Change(job, "UPDATE jobs SET state = CASE WHEN $4 AND attempts < $5 THEN 'waiting' ELSE 'dead' END, "
            + $"lease_until = NULL, error = $6 {Held}", cancellationToken, again, mostAttempts, EnrolJobRules.Storable(error));
    }

    public Task<int> RetryDeadAsync(CancellationToken cancellationToken = default) => database.Write(
        session => session.Execute("UPDATE jobs SET state = 'waiting', attempts = 0, worker = NULL WHERE state = 'dead'"), cancellationToken);

    public Task<int> RemoveDoneAsync(CancellationToken cancellationToken = default)
        => database.Write(session => session.Execute("DELETE FROM jobs WHERE state = 'done'"), cancellationToken);

    public async Task<IReadOnlyList<EnrolFailure>> FailuresAsync(
        long afterId = 0, int count = 1000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return await database.Read(session => session.Rows("SELECT id, name, external_key, metadata::text, source, attempts, coalesce(error, '') "
            + "FROM jobs WHERE state = 'dead' AND id > $1 ORDER BY id LIMIT $2", r => new EnrolFailure
            {
                Id = r.GetInt64(0), Person = ReadPerson(r), Source = r.GetString(4), Attempts = r.GetInt32(5), Error = r.GetString(6),
            }, afterId, count), cancellationToken).ConfigureAwait(false);
    }

    async Task Change(EnrolJob job, string sql, CancellationToken cancellationToken, params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(job);
        await database.Write(async session =>
        {
            await Change(session, job, sql, values).ConfigureAwait(false);
            return 0;
        }, cancellationToken).ConfigureAwait(false);
    }

    static async Task Change(PostgresSession session, EnrolJob job, string sql, params object?[] values)
    {
        var changed = await session.Execute(sql, [job.Id, job.Worker, job.Attempt, .. values]).ConfigureAwait(false);
        Debug.Assert(changed is 0 or 1, "a lease is of one job");
        if (changed == 0) throw new LeaseLostException(job);
    }

    static NewPerson ReadPerson(NpgsqlDataReader row) => new(row.GetString(1)) { ExternalKey = row.GetString(2), Metadata = row.Text(3) };
}
