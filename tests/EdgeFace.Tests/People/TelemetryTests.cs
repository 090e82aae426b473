using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.People;

[Collection(nameof(RunsAlone))]
public sealed class TelemetryTests
{
    [Fact]
    public async Task Times_and_activities_are_told_to_who_listens()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folder = new TempFolder();
        var times = new ConcurrentBag<(string Name, string? Unit, double Value)>();
        var activities = new ConcurrentBag<Activity>();
        using var meters = new MeterListener { InstrumentPublished = (i, l) => { if (i.Meter.Name == "EdgeFace") l.EnableMeasurementEvents(i); } };
        meters.SetMeasurementEventCallback<double>((i, value, _, _) => times.Add((i.Name, i.Unit, value)));
        meters.Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "EdgeFace",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var people = await PeopleGallery.OpenAsync(folder["people.db"], stop);
        await people.EnrolAsync(new NewPerson("Adam"), Photo.FromFile(TestData.Sample("adam-1.jpg")), cancellationToken: stop);
        await people.IdentifyAsync(Photo.FromFile(TestData.Sample("adam-2.jpg")), cancellationToken: stop);
        foreach (var (name, least) in ((string, int)[])[("edgeface.detect", 2), ("edgeface.embed", 2), ("edgeface.search", 1)])
        {
            var told = times.Where(t => t.Name == name + ".duration").ToList();
            Assert.True(told.Count >= least, name);
            Assert.All(told, t => Assert.Equal(("s", true), (t.Unit, t.Value is > 0 and < 600)));
            Assert.True(activities.Count(a => a.OperationName == name) >= least, name);
        }
        Assert.All(activities.SelectMany(a => a.TagObjects), t => Assert.IsType<int>(t.Value));
    }
}
