using EdgeFace.Gallery;

namespace EdgeFace.Tests.Gallery;

/// <summary>Every asynchronous call of a gallery, on a gallery that holds a person with the number and sample 1.</summary>
static class GalleryCalls
{
    public static IReadOnlyDictionary<string, Func<IGallery, CancellationToken, Task>> All { get; }
        = new Dictionary<string, Func<IGallery, CancellationToken, Task>>
        {
            ["GetInfoAsync()"] = (g, c) => g.GetInfoAsync(c),
            ["AddPersonAsync(NewPerson)"] = (g, c) => g.AddPersonAsync(new("Bob"), c),
            ["UpdatePersonAsync(Int64, NewPerson)"] = (g, c) => g.UpdatePersonAsync(1, new("Bob"), c),
            ["FindPersonAsync(Int64)"] = (g, c) => g.FindPersonAsync(1, c),
            ["FindPersonAsync(String)"] = (g, c) => g.FindPersonAsync("k", c),
            ["PersonsAsync(Int64, Int32)"] = (g, c) => g.PersonsAsync(cancellationToken: c),
            ["PersonsNamedAsync(String)"] = (g, c) => g.PersonsNamedAsync("Ann", c),
            ["SamplesAsync(Int64)"] = (g, c) => g.SamplesAsync(1, c),
            ["CropAsync(Int64)"] = (g, c) => g.CropAsync(1, c),
            ["EmbeddingOfAsync(Int64)"] = (g, c) => g.EmbeddingOfAsync(1, c),
            ["ContainsSourceAsync(String)"] = (g, c) => g.ContainsSourceAsync(KnownPeople.Hash(1), c),
            ["EnrolAsync(Int64, NewSample, EnrolOptions)"] = (g, c) => g.EnrolAsync(1, new(KnownPeople.Photo(1, 2)), cancellationToken: c),
            ["EnrolAsync(NewPerson, IReadOnlyList`1, EnrolOptions)"]
                = (g, c) => g.EnrolAsync(new NewPerson("Cid"), [new(KnownPeople.Photo(2, 2))], cancellationToken: c),
            ["SearchAsync(IReadOnlyList`1, Int32)"] = (g, c) => g.SearchAsync([KnownPeople.Photo(1, 3)], 5, c),
            ["DeletePersonAsync(Int64)"] = (g, c) => g.DeletePersonAsync(1, c),
            ["DeletePersonsAsync(IReadOnlyCollection`1)"] = (g, c) => g.DeletePersonsAsync([1], c),
            ["DeleteSampleAsync(Int64)"] = (g, c) => g.DeleteSampleAsync(1, c),
            ["MergePeopleAsync(Int64, Int64)"] = (g, c) => g.MergePeopleAsync(1, 2, c),
            ["UndoMergeAsync(Int64)"] = (g, c) => g.UndoMergeAsync(2, c),
            ["MoveSampleAsync(Int64, Int64)"] = (g, c) => g.MoveSampleAsync(1, 1, c),
            ["CheckAsync()"] = (g, c) => g.CheckAsync(c),
            ["AuditAsync(Int64, Int32)"] = (g, c) => g.AuditAsync(cancellationToken: c),
        };

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>The gallery's content, to be compared.</summary>
    public static string Content(IGallery gallery)
    {
        var people = gallery.Persons(0, 100_000);
        return string.Join('\n', people.SelectMany(p => gallery.Samples(p.Id).Select(s => s.ToString()).Prepend(p.ToString())));
    }
}
