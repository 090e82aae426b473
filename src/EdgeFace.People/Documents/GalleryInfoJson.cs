using EdgeFace.Gallery;

namespace EdgeFace.People.Documents;

sealed record GalleryInfoJson(string Schema, string Store, ContractJson Contract, int Rank, long Persons, long Samples, long Crops,
    int MostSamplesPerPerson, int SchemaVersion, bool Encrypted, DateTimeOffset Created)
{
    public static GalleryInfoJson Of(GalleryInfo i)
        => new("edgeface.gallery.v1", i.Store, ContractJson.Of(i.Contract), i.Rank, i.Persons, i.Samples, i.Crops, i.MostSamplesPerPerson,
            i.SchemaVersion, i.Encrypted, i.Created);
}
