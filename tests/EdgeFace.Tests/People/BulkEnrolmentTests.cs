using EdgeFace.Gallery;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.People;

[Collection(nameof(EnvironmentVariable))]
public sealed class BulkEnrolmentTests : IDisposable
{
    static readonly string[] Names = ["adam", "bella", "chidi", "dalia", "eiji", "fumiko"];

    readonly TempFolder _folder = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    Task<PeopleGallery> Open() => PeopleGallery.OpenAsync(_folder["people.db"], Stop);

    static EnrolmentItem Portrait(string name, int number = 1) => new(TestData.Sample($"{name}-{number}.jpg"), new NewPerson(name));

    /// <summary>Reports on the thread that it is called on, in the order of the calls.</summary>
    sealed class Reports(Action<EnrolmentOutcome> told) : IProgress<EnrolmentOutcome>
    {
        public void Report(EnrolmentOutcome value) => told(value);
    }

    [Fact]
    public async Task Pictures_are_enrolled_in_their_order_and_what_cannot_be_used_stops_nobody()
    {
        await using var people = await Open();
        File.WriteAllText(_folder["broken.jpg"], "no picture");
        ImageCodec.SavePng(new(64, 64, new byte[64 * 64 * 3]), _folder["black.png"]);
        EnrolmentItem[] items =
        [
            Portrait("adam"), new(_folder["broken.jpg"], new("x")), Portrait("bella"), new(_folder["black.png"], new("y")),
            new(_folder["nowhere.jpg"], new("z")), Portrait("adam", 2), Portrait("adam"), new(TestData.Sample("group.jpg"), new("g")),
        ];
        List<EnrolmentOutcome> told = [];
        var result = await new BulkEnrolment(people).RunAsync(items, new Reports(told.Add), Stop);
        Assert.Equal(items, told.Select(o => o.Item));
        Assert.Equal(
            [
                EnrolmentOutcomeKind.Enrolled, EnrolmentOutcomeKind.Failed, EnrolmentOutcomeKind.Enrolled, EnrolmentOutcomeKind.NoAnswer,
                EnrolmentOutcomeKind.Failed, EnrolmentOutcomeKind.Enrolled, EnrolmentOutcomeKind.AlreadyThere, EnrolmentOutcomeKind.NoAnswer,
            ], told.Select(o => o.Kind));
        Assert.Equal((3, 1, 2, 2, 2, 8, false), (result.Enrolled.Count, result.AlreadyThere, result.PeopleAdded, result.NoAnswer.Count,
            result.Failed.Count, result.Taken, result.Stopped));
        Assert.Equal([true, true, false], result.Enrolled.Select(o => o.AddedPerson));
        Assert.All(result.Failed.Concat(result.NoAnswer), o => Assert.Contains(o.Item.File, o.Reason, StringComparison.Ordinal));
        Assert.Equal([ErrorKind.Input, ErrorKind.Request], result.Failed.Select(o => o.ErrorKind!.Value));
        Assert.Equal([typeof(NoFaceException), typeof(SeveralFacesException)], result.NoAnswer.Select(o => o.Error!.GetType()));
        Assert.Equal(3, people.Gallery.Info.Samples);
        var again = await new BulkEnrolment(people).RunAsync(items, cancellationToken: Stop);
        Assert.Equal((0, 4), (again.Enrolled.Count, again.AlreadyThere));
    }

    [Fact]
    public async Task A_face_is_meant_by_number_or_by_box()
    {
        await using var people = await Open();
        var group = TestData.Sample("group.jpg");
        var seen = await people.Pipeline.AnalyzeAsync(Photo.FromFile(group), Stop);
        var faces = seen.Faces.Cast<AnalyzedFace>().Select(f => f.Face.Box).ToArray();
        var nudged = faces[5] with { Left = faces[5].Left + 2, Bottom = faces[5].Bottom - 2 };
        var result = await new BulkEnrolment(people).RunAsync(
            [
                new(group, new("third")) { Face = FaceChoice.At(3) }, new(group, new("fifth")) { Box = nudged },
                new(group, new("nobody")) { Box = new(0, 0, 20, 20) }, new(group, new("ninth")) { Face = FaceChoice.At(9) },
            ], cancellationToken: Stop);
        Assert.Equal(["third", "fifth"], result.Enrolled.Select(o => o.Enrolment!.Person.Name));
        foreach (var (outcome, box) in result.Enrolled.Zip([faces[3], faces[5]]))
            Assert.Equal(box.Width, outcome.Enrolment!.Sample.Quality.FaceWidth!.Value, 0.1);
        // Who names the face has seen the others.
        Assert.Empty(result.Warnings);
        Assert.Contains("no face in the box from (0, 0) to (20, 20)", Assert.Single(result.Failed).Reason, StringComparison.Ordinal);
        Assert.Equal("ninth", Assert.Single(result.NoAnswer).Item.Person.Name);
        var largest = await new BulkEnrolment(people, new() { Face = FaceChoice.Largest })
            .RunAsync([new(group, new("all"))], cancellationToken: Stop);
        Assert.Contains(largest.Warnings, w => w.Kind == EnrolmentWarningKind.GroupPhoto && w.FacesBeside > 0);
    }

    [Fact]
    public async Task What_should_be_looked_at_is_told_in_values()
    {
        await using var people = await Open();
        var bulk = new BulkEnrolment(people);
        await bulk.RunAsync([Portrait("adam"), Portrait("bella")], cancellationToken: Stop);
        var result = await bulk.RunAsync(
            [
                new(TestData.Sample("adam-2.jpg"), new("Impostor")), new(TestData.Sample("bella-2.jpg"), new("adam")),
                new(TestData.Sample("chidi-1.jpg"), new("bella") { ExternalKey = "b" }),
                new(TestData.Sample("chidi-2.jpg"), new("Barbara") { ExternalKey = "b" }),
            ], cancellationToken: Stop);
        Assert.Equal("adam", Assert.Single(result.Resemblances, o => o.Enrolment!.Person.Name == "Impostor").Enrolment!.Resembles!.Person.Name);
        var unlike = Assert.Single(result.Warnings, w => w.Kind == EnrolmentWarningKind.Unlike);
        Assert.Equal(("adam", "bella"), (unlike.Person.Name, unlike.Other!.Name));
        Assert.True(unlike.OtherScore > unlike.Score && unlike.Score < unlike.Below);
        Assert.Equal(2, Assert.Single(result.Warnings, w => w.Kind == EnrolmentWarningKind.Namesake).Other!.Id);
        Assert.Equal("Barbara", Assert.Single(result.Warnings, w => w.Kind == EnrolmentWarningKind.OtherName).GivenName);
    }

    [Fact]
    public async Task A_run_that_is_stopped_anywhere_leaves_whole_samples_and_goes_on()
    {
        await using var people = await Open();
        EnrolmentItem[] items = [.. Names.SelectMany(n => (EnrolmentItem[])[Portrait(n), Portrait(n, 2)])];
        var stored = 0;
        for (var after = 0; after < items.Length; after += 2)
        {
            using var stop = new CancellationTokenSource();
            var count = 0;
            var result = await new BulkEnrolment(people).RunAsync(items, new Reports(_ =>
            {
                if (++count > after) stop.Cancel();
            }), stop.Token);
            Assert.Equal(count, result.Taken);
            Assert.Equal(result.Taken < items.Length, result.Stopped);
            stored += result.Enrolled.Count;
            Assert.Equal(stored, people.Gallery.Info.Samples);
        }
        using (var before = new CancellationTokenSource())
        {
            before.Cancel();
            Assert.True((await new BulkEnrolment(people).RunAsync(items, null, before.Token)) is { Stopped: true, Taken: 0 });
        }
        var rest = await new BulkEnrolment(people).RunAsync(items, cancellationToken: Stop);
        Assert.Equal((items.Length - stored, stored, false), (rest.Enrolled.Count, rest.AlreadyThere, rest.Stopped));
        Assert.Empty(people.Gallery.Check().Problems);
    }

    [Fact]
    public async Task Pictures_are_drawn_as_they_are_worked_on()
    {
        await using var people = await Open();
        var (drawn, dealtWith, most) = (0, 0, 0);
        IEnumerable<EnrolmentItem> Items()
        {
            foreach (var name in Enumerable.Repeat(Names, 40).SelectMany(n => n))
            {
                most = Math.Max(most, ++drawn - Volatile.Read(ref dealtWith));
                yield return new(_folder["nowhere.jpg"], new(name));
            }
        }
        var result = await new BulkEnrolment(people).RunAsync(Items(), new Reports(_ => dealtWith++), Stop);
        Assert.Equal(240, result.Failed.Count);
        Assert.InRange(most, 1, 8 * Environment.ProcessorCount + 1);
    }
}
