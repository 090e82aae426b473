using EdgeFace.Gallery;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.People;

[Collection(nameof(EnvironmentVariable))]
public sealed class PeopleGalleryTests : IDisposable
{
    readonly TempFolder _folder = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string File => _folder["people.db"];

    static Photo Sample(string name) => Photo.FromFile(TestData.Sample(name));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_is_enrolled_is_named_in_a_photo_and_verified()
    {
        await using var people = await PeopleGallery.OpenAsync(File, Stop);
        var adam = (await people.EnrolAsync(new NewPerson("Adam"), Sample("adam-1.jpg"), cancellationToken: Stop)).Person;
        var found = await people.IdentifyAsync(Sample("group.jpg"), cancellationToken: Stop);
        Assert.Equal((8, 1L), (found.Faces.Count, found.Persons));
        var named = Assert.Single(found.Faces, f => f.Decision == IdentityDecision.Person);
        Assert.Equal(adam.Id, named.Person!.Id);
        Assert.Equal((adam.Id, true), (named.Best!.Person.Id, named.Best.Score >= people.Decision.Threshold));
        Assert.NotNull(named.Face);
        Assert.Equal(SearchRates.Fpir(1e-4, 1), found.ExpectedFpir);
        Assert.All(found.Faces.Except([named]), f => Assert.Equal((IdentityDecision.Unknown, null), (f.Decision, f.Person)));

        var verified = await people.VerifyAsync(adam.Id, Sample("adam-2.jpg"), cancellationToken: Stop);
        Assert.Equal((MatchDecision.Same, adam.Id), (verified.Result, verified.Person.Id));
        Assert.Equal(adam.Id, Assert.Single(people.Gallery.Samples(adam.Id), s => s.Id == verified.SampleId).PersonId);
        Assert.Equal(MatchDecision.Different, (await people.VerifyAsync(adam.Id, Sample("bella-1.jpg"), cancellationToken: Stop)).Result);
        // As a search scores it.
        var searched = people.Gallery.Search([verified.Analyzed.Embedding], 1)[0][0];
        Assert.Equal(searched.Score, verified.Score, 1e-3);
        await Assert.ThrowsAsync<GalleryException>(() => people.VerifyAsync(99, Sample("adam-2.jpg"), cancellationToken: Stop));
        var empty = people.Gallery.AddPerson(new("Nobody"));
        Assert.Contains("no samples", (await Assert.ThrowsAsync<GalleryException>(
            () => people.VerifyAsync(empty.Id, Sample("adam-2.jpg"), cancellationToken: Stop))).Message);
    }

    [Fact]
    public async Task The_tool_says_the_same()
    {
        PhotoIdentification found;
        await using (var people = await PeopleGallery.OpenAsync(File, Stop))
        {
            foreach (var name in (string[])["adam", "bella", "chidi"])
                await people.EnrolAsync(new NewPerson(name), Sample($"{name}-1.jpg"), cancellationToken: Stop);
            found = await people.IdentifyAsync(Sample("group.jpg"), cancellationToken: Stop);
        }
        var faces = ToolRun.Of("identify", TestData.Sample("group.jpg"), "--gallery", File, "--json").Succeeds().Json.GetProperty("faces");
        Assert.Equal(found.Faces.Select(f => f.Person?.Name), faces.EnumerateArray().Select(f
            => f.GetProperty("person") is { ValueKind: System.Text.Json.JsonValueKind.Object } p ? p.GetProperty("name").GetString() : null));
        Assert.Equal(found.Faces.SelectMany(f => f.Candidates.Select(c => Math.Round(c.Score, 6))), faces.EnumerateArray()
            .SelectMany(f => f.GetProperty("candidates").EnumerateArray().Select(c => c.GetProperty("score").GetDouble())));
    }

    [Fact]
    public async Task A_photo_is_enrolled_for_who_has_the_name_or_the_key_and_once()
    {
        await using var people = await PeopleGallery.OpenAsync(File, Stop);
        var first = await people.EnrolAsync(new NewPerson("Adam"), Sample("adam-1.jpg"), new() { KeepCrop = true }, Stop);
        var second = await people.EnrolAsync(new NewPerson(" Adam "), Sample("adam-2.jpg"), cancellationToken: Stop);
        Assert.Equal(first.Person.Id, second.Person.Id);
        Assert.Equal((true, false), (first.Sample.HasCrop, second.Sample.HasCrop));
        Assert.Equal(Path.GetFullPath(TestData.Sample("adam-1.jpg")), first.Sample.Source);
        Assert.True(people.Gallery.ContainsSource(first.Sample.SourceSha256!));
        await Assert.ThrowsAsync<DuplicateSampleException>(
            () => people.EnrolAsync(new NewPerson("Adam"), Sample("adam-1.jpg"), cancellationToken: Stop));
        await Assert.ThrowsAsync<DuplicateSampleException>(
            () => people.EnrolAsync(first.Person.Id, Sample("adam-2.jpg"), cancellationToken: Stop));
        var keyed = await people.EnrolAsync(new NewPerson("Bella") { ExternalKey = "b" }, Sample("bella-1.jpg"), cancellationToken: Stop);
        Assert.Equal(keyed.Person.Id, (await people.EnrolAsync(new NewPerson("B.") { ExternalKey = "b" }, Sample("bella-2.jpg"),
            cancellationToken: Stop)).Person.Id);
        people.Gallery.AddPerson(new("Adam"));
        var several = await Assert.ThrowsAsync<SeveralPeopleException>(
            () => people.EnrolAsync(new NewPerson("Adam"), Sample("chidi-1.jpg"), cancellationToken: Stop));
        Assert.Equal(("Adam", 2, ErrorKind.Request), (several.Name, several.People.Count, several.Kind));
        var resembles = await people.EnrolAsync(new NewPerson("Eve"), Sample("adam-1.jpg"), cancellationToken: Stop);
        Assert.Equal(first.Person.Id, resembles.Resembles!.Person.Id);
        await Assert.ThrowsAsync<GalleryException>(
            () => people.EnrolAsync(new NewPerson("Eva"), Sample("adam-1.jpg"), new() { Strict = true }, Stop));
    }

    [Fact]
    public async Task Nobody_is_enrolled_from_a_photo_without_a_face_that_counts()
    {
        await using var people = await PeopleGallery.OpenAsync(File, Stop);
        var blurred = Photo.FromImage(Spoilt.Blurred(ImageCodec.Load(TestData.Sample("adam-1.jpg")), 9), "blurred");
        var refused = await Assert.ThrowsAsync<UnrecognisableFaceException>(
            () => people.EnrolAsync(new NewPerson("Adam"), blurred, cancellationToken: Stop));
        Assert.NotEmpty(refused.Judgement.Reasons);
        await Assert.ThrowsAsync<SeveralFacesException>(
            () => people.EnrolAsync(new NewPerson("Adam"), Sample("group.jpg"), cancellationToken: Stop));
        await Assert.ThrowsAsync<GalleryException>(() => people.EnrolAsync(new NewPerson(" "), Sample("adam-1.jpg"), cancellationToken: Stop));
        Assert.Equal(0, people.Gallery.Info.Persons);
        var left = Assert.Single((await people.IdentifyAsync(blurred, cancellationToken: Stop)).Faces);
        Assert.Equal((IdentityDecision.Unrecognisable, null, true), (left.Decision, left.Best, left.Note!.Contains("cannot be recognised")));
    }

    [Fact]
    public async Task A_gallery_of_other_models_is_refused()
    {
        await (await PeopleGallery.OpenAsync(File, Stop)).DisposeAsync();
        await Assert.ThrowsAsync<GalleryContractException>(
            () => PeopleGallery.OpenAsync(new GalleryAddress(File), new() { MirrorSum = true }, cancellationToken: Stop));
        using var pipeline = FacePipeline.Open(new() { MirrorSum = true });
        using var gallery = await new GalleryAddress(File).OpenAsync(cancellationToken: Stop);
        Assert.Throws<GalleryContractException>(() => new PeopleGallery(gallery, pipeline));
    }

    [Fact]
    public async Task What_is_cancelled_is_done_or_not_and_never_between()
    {
        await using var people = await PeopleGallery.OpenAsync(File, Stop);
        var random = new Random(11);
        for (var i = 0; i < 10; i++)
        {
            var name = $"person {i}";
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(0, 60)));
            try
            {
                await people.EnrolAsync(new NewPerson(name) { ExternalKey = name }, Sample("adam-1.jpg"), cancellationToken: stop.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.True(stop.IsCancellationRequested);
            }
        }
        Assert.All(people.Gallery.Persons(), p => Assert.Equal(1, p.Samples));
        Assert.Empty(people.Gallery.Check().Problems);
    }
}
