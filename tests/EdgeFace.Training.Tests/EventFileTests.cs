using EdgeFace.Tests.Support;
using Tensorboard;

namespace EdgeFace.Training.Tests;

/// <summary>Event files hold what TensorBoard reads, over any number of sessions.</summary>
public sealed class EventFileTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Checksums_are_those_of_the_standard()
    {
        // RFC 3720, appendix B.4, and the check value of CRC-32C.
        Assert.Equal(0x8a9136aau, EventReader.Plain(new byte[32]));
        Assert.Equal(0xe3069283u, EventReader.Plain("123456789"u8));
        foreach (var length in new[] { 0, 1, 8, 31, 300 })
        {
            var bytes = new byte[length];
            new Random(length).NextBytes(bytes);
            Assert.Equal(EventReader.Checksum(bytes), EventFile.MaskedChecksum(bytes));
        }
    }

    [Fact]
    public void A_file_begins_with_its_version_and_holds_steps_tags_values_and_times()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        var file = new EventFile(_folder.Path, reached: null);
        Assert.Empty(EventFile.Files(_folder.Path));
        file.Add(0, [("training/loss", 1.5), ("training/none", null), ("validation/größe", -2.25)]);
        file.Add(5_000_000_000, [("training/loss", 1e-3), (new string('t', 300), double.NaN)]);
        var events = EventReader.Read(Assert.Single(EventFile.Files(_folder.Path)));
        Assert.Equal(["brain.Event:2", "", ""], events.Select(e => e.FileVersion));
        Assert.Equal([0, 0, 5_000_000_000], events.Select(e => e.Step));
        Assert.All(events, e => Assert.InRange(e.WallTime, before, before + 600));
        Assert.Equal([("training/loss", 1.5f), ("validation/größe", -2.25f)], events[1].Summary.Value.Select(v => (v.Tag, v.SimpleValue)));
        Assert.Equal([("training/loss", 1e-3f), (new string('t', 300), float.NaN)], events[2].Summary.Value.Select(v => (v.Tag, v.SimpleValue)));
        Assert.DoesNotContain(events, e => e.WhatCase == Event.WhatOneofCase.SessionLog);
    }

    [Fact]
    public void What_came_behind_the_checkpoint_counts_no_more_and_a_cut_record_hurts_nobody()
    {
        var first = new EventFile(_folder.Path, reached: null);
        foreach (var step in new[] { 8, 16, 24, 31 }) first.Add(step, [("training/loss", step)]);
        var path = Assert.Single(EventFile.Files(_folder.Path));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^3]);
        var second = new EventFile(_folder.Path, reached: 16);
        foreach (var step in new[] { 20, 28 }) second.Add(step, [("training/loss", -step)]);
        Assert.Equal([(8, 8f), (16, 16f), (20, -20f), (28, -28f)], EventReader.Curves(_folder.Path)["training/loss"]);
        // Sessions of one second sort as they came.
        Assert.Equal(2, EventFile.Files(_folder.Path).Count);
        Assert.Equal(path, EventFile.Files(_folder.Path)[0]);
    }

    [Fact]
    public void A_run_that_begins_takes_its_own_old_files_away_and_no_others()
    {
        new EventFile(_folder.Path, reached: null).Add(1, [("a", 1)]);
        var other = _folder.Write("events.out.tfevents.1.elsewhere", [1]);
        _ = new EventFile(_folder.Path, reached: null);
        Assert.Equal([other], Directory.GetFiles(_folder.Path));
    }
}
