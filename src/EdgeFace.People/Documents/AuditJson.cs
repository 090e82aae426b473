namespace EdgeFace.People.Documents;

sealed record AuditEntryJson(long Id, DateTimeOffset At, string Action, long? PersonId, long? SampleId, string? Detail);

sealed record AuditJson(string Schema, AuditEntryJson[] Entries);
