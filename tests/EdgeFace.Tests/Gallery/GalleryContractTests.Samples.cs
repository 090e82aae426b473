using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

public abstract partial class GalleryContractTests
{
    [Fact]
    public void Sample_keeps_every_field_also_after_reopening()
    {
        var added = Photo(1, 1) with
        {
            Source = "photos/zoë 1.jpg",
            SourceSha256 = KnownPeople.Hash(77),
            Crop = KnownPeople.Crop(1, 2, 3, 0, 255),
            Created = new(2021, 2, 3, 4, 5, 6, 789, TimeSpan.Zero),
            Quality = new() { FaceWidth = 120.5, DetectorScore = 0.99, Sharpness = 1234.5, Yaw = -12.25, Pitch = 3, Roll = 0.5 },
        };
        long person;
        Sample enrolled;
        using (var gallery = New())
        {
            person = gallery.AddPerson(new("Ann")).Id;
            var enrolment = gallery.Enrol(person, added);
            enrolled = enrolment.Sample;
            Assert.Equal(1, enrolment.Person.Samples);
            Assert.Null(enrolment.Resembles);
        }
        using var again = Reopen();
        Assert.Equal(new Sample(enrolled.Id, person, added.Created!.Value, added.Source, added.SourceSha256, added.Quality, true), enrolled);
        Assert.Equal(enrolled, Assert.Single(again.Samples(person)));
        Assert.Equal(added.Crop.Value.ToArray(), again.Crop(enrolled.Id));
        Assert.Equal(1, again.FindPerson(person)!.Samples);
        Assert.Equal(1, again.Info.Crops);
        Assert.True(again.ContainsSource(KnownPeople.Hash(77)));
        Assert.False(again.ContainsSource(KnownPeople.Hash(78)));
        Assert.Equal(1, again.EmbeddingOf(enrolled.Id)!.Score(added.Embedding), 1e-5);
        Assert.Null(again.Crop(enrolled.Id + 1));
        Assert.Null(again.EmbeddingOf(enrolled.Id + 1));
        Assert.Empty(again.Samples(person + 1));
    }

    [Fact]
    public void Embedding_of_another_contract_is_refused_everywhere()
    {
        using var gallery = New();
        var person = gallery.AddPerson(new("Ann"));
        var other = KnownPeople.Photo(1, 1, KnownPeople.OtherContract);
        var refusal = Assert.Throws<ContractMismatchException>(() => gallery.Enrol(person.Id, new(other)));
        Assert.Equal((KnownPeople.Contract, KnownPeople.OtherContract), (refusal.Expected, refusal.Found));
        Assert.Throws<ContractMismatchException>(() => gallery.Enrol(new("Bob"), [Photo(2, 1), new(other)]));
        Assert.Throws<ContractMismatchException>(() => gallery.Search([KnownPeople.Photo(1, 1), other], 1));
        AssertSound(gallery, 1, 0);
    }

    [Fact]
    public void Gallery_of_another_contract_is_not_opened_and_both_are_named()
    {
        New().Dispose();
        var refusal = Assert.Throws<GalleryContractException>(() => Reopen(KnownPeople.OtherContract));
        foreach (var contract in new[] { KnownPeople.Contract, KnownPeople.OtherContract })
            Assert.Contains($"(model '{contract.Model}', weights {contract.WeightsSha256}, dimension {contract.Dimension}, "
                + $"preprocessing '{contract.Preprocessing}', aligner '{contract.Aligner}')", refusal.Message, StringComparison.Ordinal);
        Assert.Equal((KnownPeople.Contract, KnownPeople.OtherContract), (refusal.Bound, refusal.Asked));
    }

    [Fact]
    public void Same_image_is_refused_for_the_same_person_only()
    {
        using var gallery = New();
        long ann = gallery.AddPerson(new("Ann")).Id, bob = gallery.AddPerson(new("Bob")).Id;
        var first = gallery.Enrol(ann, Photo(1, 1) with { SourceSha256 = KnownPeople.Hash(1) }).Sample;
        var byHash = Assert.Throws<DuplicateSampleException>(() => gallery.Enrol(ann, Photo(1, 2) with { SourceSha256 = KnownPeople.Hash(1) }));
        Assert.Equal((ann, first.Id), (byHash.PersonId, byHash.SampleId));
        var byEmbedding = Assert.Throws<DuplicateSampleException>(() => gallery.Enrol(ann, Photo(1, 1)));
        Assert.Equal((ann, first.Id), (byEmbedding.PersonId, byEmbedding.SampleId));
        Assert.Throws<DuplicateSampleException>(() => gallery.Enrol(ann, new(KnownPeople.At(KnownPeople.Photo(1, 1), 0.99995, 5))));
        gallery.Enrol(ann, new(KnownPeople.At(KnownPeople.Photo(1, 1), 0.9985, 5)));
        // One picture may show two people.
        gallery.Enrol(bob, Photo(2, 1) with { SourceSha256 = KnownPeople.Hash(1) });
        AssertSound(gallery, 2, 3);
    }

    [Fact]
    public void Changes_brought_together_are_each_as_if_alone()
    {
        using var gallery = New();
        gallery.Together(() =>
        {
            for (var i = 1; i <= 5; i++) gallery.Enrol(new($"Person {i}") { ExternalKey = $"p{i}" }, [Photo(i, 1)]);
            // What fails leaves what came before and what comes after.
            Assert.Throws<DuplicateSampleException>(() => gallery.Enrol(new("again") { ExternalKey = "p2" }, [Photo(2, 2), Photo(2, 1)]));
            Assert.Throws<GalleryException>(() => gallery.Enrol(1 << 20, Photo(6, 1)));
            Assert.Throws<GalleryException>(() => gallery.AddPerson(new("taken") { ExternalKey = "p3" }));
            var second = gallery.Enrol(gallery.FindPerson("p5")!.Id, Photo(5, 2));
            Assert.Equal(2, second.Person.Samples);
            // The same face under another name: it is found although nothing is certain yet.
            var face = KnownPeople.At(KnownPeople.Photo(4, 1), 0.95, 8);
            var other = gallery.Enrol(new("Other"), [new(face)], new() { ResemblanceThreshold = 0.9 })[0];
            Assert.Equal("p4", other.Resembles!.Person.ExternalKey);
        });
        AssertSound(gallery, 6, 7);
        using var again = Reopen();
        AssertSound(again, 6, 7);
        for (var i = 1; i <= 5; i++) Assert.Equal($"p{i}", again.Search([KnownPeople.Photo(i, 1)], 1)[0][0].Person.ExternalKey);
    }

    [Fact]
    public void Limit_of_samples_is_kept()
    {
        using var gallery = New(mostSamplesPerPerson: 3);
        var person = gallery.AddPerson(new("Ann"));
        for (var i = 0; i < 3; i++) gallery.Enrol(person.Id, Photo(1, i));
        Assert.Contains("3 samples", Assert.Throws<GalleryException>(() => gallery.Enrol(person.Id, Photo(1, 3))).Message, StringComparison.Ordinal);
        gallery.DeleteSample(gallery.Samples(person.Id)[0].Id);
        gallery.Enrol(person.Id, Photo(1, 3));
        AssertSound(gallery, 1, 3);
    }

    [Fact]
    public void Several_samples_are_enrolled_together_or_not_at_all()
    {
        using var gallery = New(mostSamplesPerPerson: 3);
        var key = new NewPerson("Ann") { ExternalKey = "a" };
        var enrolled = gallery.Enrol(key, [Photo(1, 1), Photo(1, 2)]);
        Assert.All(enrolled, e => Assert.Equal(2, e.Person.Samples));
        Assert.Equal(enrolled.Select(e => e.Sample), gallery.Samples(enrolled[0].Person.Id));
        // The limit is reached by the second.
        Assert.Throws<GalleryException>(() => gallery.Enrol(key, [Photo(1, 3), Photo(1, 4)]));
        // The second is the first again, and the new person goes with it.
        Assert.Throws<DuplicateSampleException>(() => gallery.Enrol(new("Bob") { ExternalKey = "b" }, [Photo(2, 1), Photo(2, 1)]));
        AssertSound(gallery, 1, 2);
        Assert.Null(gallery.FindPerson("b"));
        Assert.Equal(enrolled[0].Person.Id, Assert.Single(gallery.Search([KnownPeople.Photo(2, 1)], 5)[0]).Person.Id);
        // Found by the key, and not renamed.
        Assert.Equal("Ann", gallery.Enrol(key with { Name = "Anna" }, [Photo(1, 3)])[0].Person.Name);
        // Without a key always somebody new.
        Assert.NotEqual(gallery.Enrol(new("Cy"), [Photo(3, 1)])[0].Person.Id, gallery.Enrol(new("Cy"), [Photo(3, 1)])[0].Person.Id);
        AssertSound(gallery, 3, 5);
    }

    public static TheoryData<string> MalformedSamples
        => ["source", "surrogate", "hash", "crop", "crop of bytes", "crop of a size", "quality", "detector", "future", "past"];

    [Theory, MemberData(nameof(MalformedSamples))]
    public void Malformed_sample_is_refused_and_nothing_changes(string what)
    {
        using var gallery = New();
        var person = gallery.AddPerson(new("Ann"));
        var sample = Photo(1, 1);
        sample = what switch
        {
            "source" => sample with { Source = new string('s', 4097) },
            "surrogate" => sample with { Source = "\udc00" },
            "hash" => sample with { SourceSha256 = new string('A', 64) },
            "crop" => sample with { Crop = new byte[NewSample.MostCropBytes + 1] },
            "crop of bytes" => sample with { Crop = new byte[] { 1, 2, 3 } },
            "crop of a size" => sample with { Crop = PngBytes.Of(112, 111, PngBytes.Rgb, _ => new byte[336]) },
            "past" => sample with { Created = default(DateTimeOffset) },
            "quality" => sample with { Quality = new() { Yaw = double.NaN } },
            "detector" => sample with { Quality = new() { DetectorScore = 1.5 } },
            _ => sample with { Created = DateTimeOffset.UtcNow.AddYears(1) },
        };
        Assert.Throws<GalleryException>(() => gallery.Enrol(person.Id, sample));
        Assert.Throws<GalleryException>(() => gallery.Enrol(person.Id + 1, Photo(1, 1)));
        AssertSound(gallery, 1, 0);
    }

    [Fact]
    public void Resemblance_to_another_person_is_told_but_not_to_oneself()
    {
        using var gallery = New();
        long ann = gallery.AddPerson(new("Ann")).Id, bob = gallery.AddPerson(new("Bob")).Id;
        var first = gallery.Enrol(ann, Photo(1, 1)).Sample;
        Assert.Null(gallery.Enrol(ann, Photo(1, 2), new() { ResemblanceThreshold = 0.3 }).Resembles);
        Assert.Null(gallery.Enrol(bob, Photo(2, 1), new() { ResemblanceThreshold = 0.5 }).Resembles);
        var close = KnownPeople.At(KnownPeople.Photo(1, 1), 0.9, 3);
        var warned = gallery.Enrol(bob, new(close), new() { ResemblanceThreshold = 0.85 }).Resembles;
        Assert.Equal((ann, first.Id), (warned!.Person.Id, warned.SampleId));
        Assert.Equal(0.9, warned.Score, 1e-3);
        Assert.Null(gallery.Enrol(bob, new(KnownPeople.At(KnownPeople.Photo(1, 1), 0.9, 4))).Resembles);
    }
}
