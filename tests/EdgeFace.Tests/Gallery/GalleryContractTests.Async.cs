using System.Collections.Concurrent;
using System.Reflection;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

public abstract partial class GalleryContractTests
{
    public static TheoryData<string> AsyncCalls => GalleryCalls.Names;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    IGallery NewWithAnn()
    {
        var gallery = New();
        var sample = gallery.Enrol(new("Ann") { ExternalKey = "k" },
            [Photo(1, 1) with { Crop = KnownPeople.Crop(1, 2), SourceSha256 = KnownPeople.Hash(1) }])[0].Sample;
        Assert.Equal((1L, 1L), (sample.PersonId, sample.Id));
        return gallery;
    }

    [Fact]
    public void Every_member_that_reads_or_writes_has_an_asynchronous_form()
    {
        static string Signature(MethodInfo m) => $"{m.Name}({string.Join(", ", m.GetParameters()
            .Where(p => p.ParameterType != typeof(CancellationToken)).Select(p => p.ParameterType.Name))})";
        // What changes are brought together do is the caller's, on the caller's thread.
        string[] blocking = [.. typeof(IGallery).GetMethods().Where(m => m.Name is not ("get_Contract" or nameof(IGallery.Together)))
            .Where(m => !typeof(Task).IsAssignableFrom(m.ReturnType)).Select(Signature)];
        string[] asynchronous = [.. typeof(IGallery).GetMethods().Where(m => typeof(Task).IsAssignableFrom(m.ReturnType)).Select(Signature)];
        Assert.Equal(blocking.Select(n => n == "get_Info()" ? "GetInfoAsync()" : n.Replace("(", "Async(", StringComparison.Ordinal)).Order(),
            asynchronous.Order());
        Assert.Equal(asynchronous.Order(), GalleryCalls.All.Keys.Order());
    }

    [Fact]
    public async Task Asynchronous_forms_do_what_the_blocking_ones_do()
    {
        await using var gallery = NewWithAnn();
        Assert.Equal(gallery.Info, await gallery.GetInfoAsync(Cancel));
        var bob = await gallery.AddPersonAsync(new("Bob") { ExternalKey = "b" }, Cancel);
        Assert.Equal(bob, gallery.FindPerson(bob.Id));
        Assert.Equal(bob, await gallery.FindPersonAsync(bob.Id, Cancel));
        Assert.Equal(bob, await gallery.FindPersonAsync("b", Cancel));
        Assert.Null(await gallery.FindPersonAsync("nobody", Cancel));
        bob = await gallery.UpdatePersonAsync(bob.Id, new("Robert") { ExternalKey = "b" }, Cancel);
        Assert.Equal([bob], await gallery.PersonsNamedAsync("Robert", Cancel));
        var enrolled = await gallery.EnrolAsync(bob.Id, Photo(2, 1), cancellationToken: Cancel);
        var cid = (await gallery.EnrolAsync(new NewPerson("Cid"), [Photo(3, 1), Photo(3, 2)], cancellationToken: Cancel))[0].Person;
        Assert.Equal(gallery.Persons(1, 5), await gallery.PersonsAsync(1, 5, Cancel));
        Assert.Equal(gallery.Samples(bob.Id), await gallery.SamplesAsync(bob.Id, Cancel));
        Assert.Equal(gallery.Crop(1), await gallery.CropAsync(1, Cancel));
        Assert.Equal(gallery.EmbeddingOf(1)!.Vector.ToArray(), (await gallery.EmbeddingOfAsync(1, Cancel))!.Vector.ToArray());
        Assert.True(await gallery.ContainsSourceAsync(KnownPeople.Hash(1), Cancel));
        Assert.Equal(gallery.Search([KnownPeople.Photo(2, 9)], 3)[0], (await gallery.SearchAsync([KnownPeople.Photo(2, 9)], 3, Cancel))[0]);
        var options = new IdentifyOptions(0.3, 1e-3);
        var (one, other) = (gallery.Identify(KnownPeople.Photo(2, 9), options),
            await gallery.IdentifyAsync(KnownPeople.Photo(2, 9), options, Cancel));
        Assert.Equal((bob.Id, one.Margin, one.ExpectedFpir), (other.Person!.Id, other.Margin, other.ExpectedFpir));
        Assert.Equal(gallery.Audit(2, 3), await gallery.AuditAsync(2, 3, Cancel));
        Assert.Equal(1, (await gallery.DeleteSampleAsync(enrolled.Sample.Id, Cancel)).Samples);
        Assert.Equal(2, (await gallery.DeletePersonAsync(cid.Id, Cancel)).Samples);
        Assert.Equal(1, (await gallery.DeletePersonsAsync([bob.Id, cid.Id], Cancel)).Persons);
        Assert.Empty((await gallery.CheckAsync(Cancel)).Problems);
        await Assert.ThrowsAsync<GalleryException>(() => gallery.AddPersonAsync(new("") { ExternalKey = "k" }, Cancel));
        AssertSound(gallery, 1, 1);
    }

    [Theory, MemberData(nameof(AsyncCalls))]
    public async Task Call_that_is_cancelled_before_it_begins_does_nothing(string call)
    {
        using var gallery = NewWithAnn();
        var before = GalleryCalls.Content(gallery);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => GalleryCalls.All[call](gallery, new CancellationToken(canceled: true)));
        Assert.Equal(before, GalleryCalls.Content(gallery));
    }

    [Fact]
    public async Task Changes_that_are_cancelled_at_any_moment_are_made_whole_or_not_at_all()
    {
        await using var gallery = New();
        // How many samples each person may have at the end; one number where the call said what it did.
        var possible = new ConcurrentDictionary<string, int[]>();
        var cancelled = 0;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 60; i++)
            {
                var key = $"{worker}-{i}";
                possible[key] = [0, 2];
                await Try(random, async c =>
                {
                    var face = 100 * worker + i;
                    await gallery.EnrolAsync(new NewPerson(key) { ExternalKey = key },
                        [new(KnownPeople.Photo(face, 1)), new(KnownPeople.Photo(face, 2))], new() { ResemblanceThreshold = 0.5 }, c);
                    possible[key] = [2];
                });
                await Try(random, c => gallery.SearchAsync([KnownPeople.Photo(i, 3)], 5, c));
                if (i % 3 != 0 || await gallery.FindPersonAsync(key, Cancel) is not { } person) continue;
                possible[key] = [0, 2];
                await Try(random, async c =>
                {
                    await gallery.DeletePersonAsync(person.Id, c);
                    possible[key] = [0];
                });
            }
        }, Cancel)));
        Assert.InRange(cancelled, 1, 3 * 60 * 3 - 1);
        // Behind what may still be ending by itself, and when nobody reads any more.
        Retry.Until(() => gallery.DeletePerson(gallery.AddPerson(new("last")).Id).Cleared, cleared => cleared);
        Assert.Empty(gallery.Check().Problems);
        foreach (var (key, counts) in possible) Assert.Contains(gallery.FindPerson(key)?.Samples ?? 0, counts);

        async Task Try(Random random, Func<CancellationToken, Task> call)
        {
            using var cancel = new CancellationTokenSource();
            var started = call(cancel.Token);
            if (random.Next(4) > 0)
            {
                await Task.WhenAny(started, Task.Delay(random.Next(5), Cancel));
                await cancel.CancelAsync();
            }
            try
            {
                await started.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref cancelled);
            }
        }
    }

    [Fact]
    public void No_call_needs_the_callers_context()
    {
        var context = new StuckContext();
        var former = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            using var gallery = NewWithAnn();
            foreach (var (name, call) in GalleryCalls.All.OrderBy(c => c.Key.StartsWith("Delete", StringComparison.Ordinal)))
            {
                // Whoever blocks the only thread of a user interface must not wait for that thread.
                Block(call(gallery, Cancel));
                Assert.True(context.Posted == 0, name);
            }
            AssertSound(gallery, 2, 1);
            Block(gallery.DisposeAsync().AsTask());
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(former);
        }
        Assert.Equal(0, context.Posted);
    }

    static void Block(Task task) => task.GetAwaiter().GetResult();

    /// <summary>Of a thread that is blocked: nothing that is posted is ever done.</summary>
    sealed class StuckContext : SynchronizationContext
    {
        int _posted;

        public int Posted => _posted;

        public override void Post(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posted);

        public override void Send(SendOrPostCallback d, object? state) => Interlocked.Increment(ref _posted);
    }
}
