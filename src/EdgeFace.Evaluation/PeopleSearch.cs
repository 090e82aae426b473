using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;

namespace EdgeFace.Evaluation;

/// <summary>
/// The 1:N protocol on images of known people: the first image of everybody who has several is enrolled, their other images are the mated
/// searches. Non-mated are the images of people who have one image only, and every mated search once more without the person's own entry,
/// as in leave-one-out: few sets have strangers enough otherwise.
/// </summary>
static class PeopleSearch
{
    /// <summary>Searches; null where nobody has two images, of which one could be enrolled and the other searched.</summary>
    public static TemplateSearch? Run(DataSet set, EmbeddedImages images)
    {
        var people = Enumerable.Range(0, set.Images.Count).Where(i => set.PersonOf[i] >= 0)
            .GroupBy(i => set.PersonOf[i]).Select(g => g.ToArray()).ToArray();
        int[] enrolled = [.. people.Where(p => p.Length > 1).Select(p => p[0]).Where(Works)];
        int[] mated = [.. people.Where(p => p.Length > 1).SelectMany(p => p.Skip(1))],
            alone = [.. people.Where(p => p.Length == 1).Select(p => p[0])];
        if (enrolled.Length == 0) return null;
        // Of a person whose first image failed no other can be found.
        var there = enrolled.Select(i => set.PersonOf[i]).ToHashSet();
        int[] searchable = [.. mated.Where(i => Works(i) && there.Contains(set.PersonOf[i]))],
            strangers = [.. alone.Where(Works)], probes = [.. searchable, .. strangers];
        var search = Identification.Search(Rows(enrolled), [.. enrolled.Select(i => set.PersonOf[i])],
            Rows(probes), [.. probes.Select(i => set.PersonOf[i])], images.Dimension,
            mated.Length - searchable.Length, alone.Length - strangers.Length).WithMatesLeftOut();
        return new("first images enrolled", search.GalleryPeople, search.FoundWithin(1), search.FoundWithin(5),
            search.AtFpir(0.1), search.AtFpir(0.01));

        bool Works(int image) => images.Failure(image) is null;

        float[] Rows(int[] of)
        {
            var vectors = new float[(long)of.Length * images.Dimension];
            for (var i = 0; i < of.Length; i++) images[of[i]].CopyTo(vectors.AsSpan(i * images.Dimension));
            return vectors;
        }
    }
}
