namespace EdgeFace.People.Documents;

sealed record PersonsJson(string Schema, long Total, PersonJson[] Persons);
