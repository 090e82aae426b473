namespace EdgeFace.App.Output;

sealed record PersonsJson(string Schema, long Total, PersonJson[] Persons);
