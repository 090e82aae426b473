using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>A gallery in the place of another.</summary>
public sealed class SqliteReplacementTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    SqliteGallery Create() => SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new());

    static NewSample Photo(int person, int photo) => new(KnownPeople.Photo(person, photo));

    [Fact]
    public void Replaced_gallery_is_the_other_and_whoever_has_it_open_is_told()
    {
        using var old = Create();
        for (var p = 0; p < 50; p++) old.Enrol(new($"former {p}"), [Photo(p, 1) with { Crop = KnownPeople.Crop(new byte[2000]) }]);
        using (var made = SqliteGallery.Create(_folder["new.db"], KnownPeople.OtherContract, KnownPeople.Space, new()))
            foreach (var person in old.Persons().Take(3))
                made.Enrol(new(person.Name) { Created = person.Created },
                    [new(KnownPeople.Photo((int)person.Id, 8, KnownPeople.OtherContract))]);
        SqliteGallery.Replace(Path, _folder["new.db"]);
        Assert.Equal(["people.db"], Directory.GetFiles(_folder.Path).Select(System.IO.Path.GetFileName)
            .Where(f => f is not ("people.db-shm" or "people.db-wal" or "people.db-index")));
        foreach (var use in new Action[]
        {
            () => old.Search([KnownPeople.Photo(1, 1)], 1),
            () => old.Enrol(new("late"), [Photo(99, 1)]),
            () => old.AddPerson(new("late")),
            () => old.FindPerson(1),
            () => old.DeletePerson(1),
        })
            Assert.Contains("was replaced", Assert.Throws<GalleryException>(use).Message, StringComparison.Ordinal);
        old.Dispose();
        using var opened = SqliteGallery.Open(Path, KnownPeople.OtherContract, new());
        Assert.Equal(["former 0", "former 1", "former 2"], opened.Persons().Select(p => p.Name));
        Assert.Empty(opened.Check().Problems);
        Assert.Equal(-1, Bytes.Find(_folder.Path, "former 7"u8));
    }

    [Fact]
    public void Replacement_that_a_file_prevents_is_refused_before_and_never_after_it_is_done()
    {
        var other = _folder["new.db"];
        using (var old = Create()) old.AddPerson(new("former"));
        using (var made = SqliteGallery.Create(other, KnownPeople.Contract, KnownPeople.Space, new())) made.AddPerson(new("next"));
        // A folder cannot be deleted as a file.
        Directory.CreateDirectory(Path + "-index");
        var refused = Assert.Throws<GalleryException>(() => SqliteGallery.Replace(Path, other));
        Assert.Equal(ErrorKind.Machine, refused.Kind);
        Assert.Contains("is as it was", refused.Message, StringComparison.Ordinal);
        using (var old = SqliteGallery.Open(Path, null, new())) Assert.Equal("former", old.FindPerson(1)!.Name);
        Directory.Delete(Path + "-index");
        Directory.CreateDirectory(other + "-index");
        SqliteGallery.Replace(Path, other);
        using var opened = SqliteGallery.Open(Path, null, new());
        Assert.Equal("next", opened.FindPerson(1)!.Name);
        Assert.False(File.Exists(other));
    }
}
