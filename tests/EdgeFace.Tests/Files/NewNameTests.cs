using EdgeFace.Files;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Files;

public sealed class NewNameTests
{
    [Fact]
    public void Of_several_at_once_one_gets_the_name_and_keeps_it()
    {
        using var folder = new TempFolder();
        const int rivals = 8;
        for (var round = 0; round < 100; round++)
        {
            var to = folder[$"name {round}"];
            var parts = Enumerable.Range(0, rivals).Select(r => folder.Write($"part {round} {r}", [(byte)r])).ToArray();
            using var start = new Barrier(rivals);
            var won = new bool[rivals];
            Thread[] threads = [.. Enumerable.Range(0, rivals).Select(r => new Thread(() =>
            {
                start.SignalAndWait();
                try
                {
                    NewName.Give(parts[r], to);
                    won[r] = true;
                }
                catch (IOException)
                {
                }
            }))];
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
            var winner = Assert.Single(Enumerable.Range(0, rivals), r => won[r]);
            Assert.Equal([(byte)winner], File.ReadAllBytes(to));
            Assert.False(File.Exists(parts[winner]));
        }
    }
}
